/** What to do when this page may not go on: signed out, suspended, no longer in the conversation. */

import { forgetWriting } from "./drafts.js";
import { toast, toastLater } from "./elements/toast-region.js";
import { outbox } from "./outbox.js";
import { idOf, me, on, pageAt, word } from "./page.js";
import { socket } from "./socket.js";

const SUSPENDED = 4403;
let submitting = false;

export function watchSession() {
  addEventListener("submit", (event) => (submitting ||= !event.defaultPrevented && event.target.method !== "dialog"));
  addEventListener("pageshow", () => (submitting = false));
  socket.addEventListener("state", ({ detail }) => detail.state === "ended" && signIn(detail.code));
  socket.addEventListener("membership.removed", ({ detail }) => {
    if (idOf(detail.user) === me.id) leave(detail.conversation);
  });
  document.addEventListener("submit", ({ target }) => target.action.endsWith("/logout/") && forgetWriting());
  on("gone", ({ conversation }) => leave(conversation));
  outbox.addEventListener("failed", ({ detail: { entry, refusal } }) => {
    if (entry.conversation !== openConversation()) toast(word("message_not_sent", { reason: refusal.message }), "bad");
  });
}

const openConversation = () => document.querySelector("message-list")?.dataset.conversation;

/** A form on its way (a new password, a guest's claim) may end the session itself: its answer brings the next one. */
function signIn(code) {
  if (submitting) return;
  toastLater(word(code === SUSPENDED ? "suspended" : "signed_out"));
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`${document.body.dataset.loginUrl}?next=${next}`);
}

/** Out of a channel, what is left of its group comes next; else the messages. */
async function leave(conversation) {
  if (conversation !== openConversation()) return;
  const group = document.querySelector("conversation-list")?.dataset.group;
  const stays = group && (await isMemberOf(group));
  toastLater(word(!group ? "removed_from" : stays ? "channel_gone" : "group_gone"));
  location.assign(stays ? `/g/${group}/` : "/");
}

const isMemberOf = (group) =>
  pageAt(`/g/${group}/?list=1`, "places").then(
    (page) => page.querySelector("conversation-list[data-group]") !== null,
    () => false,
  );
