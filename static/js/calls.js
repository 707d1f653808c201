/** What an @ may call in a conversation besides people, and the question before many are told. */

import { ask } from "./dialogs.js";
import { idOf, me, post } from "./page.js";
import { socket } from "./socket.js";

const NOTHING = { everyone: false, names: [] };
const MENTION_ALL = 16;
const offers = new Map();

for (const name of ["group.changed", "membership.changed", "hello"])
  socket.addEventListener(name, ({ detail }) => (name !== "membership.changed" || idOf(detail.user) === me.id) && offers.clear());

/** {everyone, names: [{name, spelled, hue}]}: asked for once, and again after something changed. */
export function callsOf(conversation) {
  const list = document.querySelector(`message-list[data-conversation="${CSS.escape(conversation)}"]`);
  if (list?.dataset.kind !== "channel")
    return Promise.resolve({ ...NOTHING, everyone: Boolean(Number(list?.dataset.permissions) & MENTION_ALL) });
  if (!offers.has(conversation)) offers.set(conversation, asked(conversation));
  return offers.get(conversation);
}

async function asked(conversation) {
  try {
    const response = await fetch(`/c/${conversation}/calls/`, { headers: { Accept: "application/json" } });
    if (response.ok) return await response.json();
  } catch {
    // Without an answer nothing is offered, and nothing is asked.
  }
  offers.delete(conversation);
  return NOTHING;
}

/** Resolves to whether `content` may go: where it calls many people, the page asks first. Without a connection it waits in
 * the outbox as any other message. */
export async function maySend(conversation, content) {
  const { everyone, names } = await callsOf(conversation);
  const folded = content.toLowerCase();
  const called = [...(everyone ? ["everyone", "here"] : []), ...names.map(({ spelled }) => spelled.toLowerCase())];
  if (!called.some((name) => folded.includes(`@${name}`))) return true;
  try {
    const { question } = await (await post(`/c/${conversation}/calls/`, { content })).json();
    return !question || (await ask("confirm-calls", question)) === "send";
  } catch {
    return true;
  }
}
