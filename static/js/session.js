/** What to do when this page may not go on: signed out, suspended, no longer in the conversation. */

import { forgetWriting } from "./drafts.js";
import { toast, toastLater } from "./elements/toast-region.js";
import { outbox } from "./outbox.js";
import { idOf, me, on, word } from "./page.js";
import { socket } from "./socket.js";

const SUSPENDED = 4403;

export function watchSession() {
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

function signIn(code) {
  toastLater(word(code === SUSPENDED ? "suspended" : "signed_out"));
  const next = encodeURIComponent(location.pathname + location.search);
  location.assign(`${document.body.dataset.loginUrl}?next=${next}`);
}

function leave(conversation) {
  if (conversation !== openConversation()) return;
  toastLater(word("removed_from"));
  location.assign("/");
}
