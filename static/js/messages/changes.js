/** What each event of the protocol does to the list. Replaying one does no harm. */

import { element, idOf, me } from "../page.js";
import { keepOpen } from "../folding.js";
import { adopt, blankQuote, bury, isMine, keepAnswers, mark, myReactions, showAnswers, showReactions, textOf } from "./article.js";
import { keepOffshoots } from "./offshoots.js";

const QUOTE = 120;

/** Apply `event` to `list` (a message-list). */
export function applyChange(list, event) {
  changes[event.event]?.(list, event);
}

const changes = {
  "message.created": (list, { message, html }) => created(list, message, html),
  "message.state": (list, { message, html }) => {
    const old = list.timeline.find(message.number);
    if (message.deleted_at) blankQuotes(list, message.number);
    else requote(list, message.number, element(html));
    if (!old || old.dataset.clientId) return created(list, message, html);
    replace(list, old, adopt(element(html), message.my_reactions ?? [], message.metadata));
  },
  "message.edited": (list, { message, html }) => {
    const old = list.timeline.find(message.number);
    requote(list, message.number, element(html));
    if (old) replace(list, old, adopt(element(html), myReactions(old)));
  },
  "message.deleted": (list, { message }) => {
    blankQuotes(list, message.number);
    const article = list.timeline.find(message.number);
    if (!article) return;
    if (!article.dataset.deleted) answered(list, article.querySelector(".message__quote")?.dataset.number, -1);
    list.release([article]);
    bury(article, message.deleted_at);
    list.timeline.replace(article, article);
  },
  "message.pinned": (list, { message }) => pin(list, message.number, true),
  "message.unpinned": (list, { message }) => pin(list, message.number, false),
  "reactions.changed": (list, { message, user, emoji, added, reactions }) => {
    const article = list.timeline.find(message.number);
    if (!article) return;
    let mine = myReactions(article);
    if (idOf(user) === me.id) mine = added ? [...mine, emoji] : mine.filter((other) => other !== emoji);
    showReactions(article, reactions, mine);
  },
};

function created(list, message, html) {
  const pending = list.timeline.findPending(message.client_id);
  const known = list.timeline.find(message.number);
  // What the list has counted already is only shown again.
  if (message.number > list.count && !message.deleted_at) answered(list, message.reply_to?.number, 1);
  list.count = Math.max(list.count, message.number);
  if (known && known !== pending && !known.dataset.clientId) return pending && list.timeline.remove(pending);
  const beyond = list.history.hasAfter && message.number > list.timeline.last;
  const before = list.history.hasBefore && message.number < list.timeline.first;
  if (beyond || before) {
    if (pending) list.timeline.remove(pending);
    return list.arrived(null, message);
  }
  const article = adopt(element(html), message.my_reactions ?? [], message.metadata);
  for (const copy of new Set([pending, known])) if (copy) list.timeline.remove(copy);
  list.timeline.insert(article);
  list.arrived(article, message);
}

function answered(list, number, change) {
  const original = number && list.timeline.find(number);
  if (original && !original.dataset.deleted) showAnswers(original, change);
}

function replace(list, old, article) {
  const focused = old === document.activeElement;
  if (!article.dataset.deleted) keepAnswers(old, article);
  keepOffshoots(old, article);
  keepOpen(old, article);
  list.release([old]);
  list.timeline.replace(old, article);
  if (focused) article.focus();
}

function pin(list, number, pinned) {
  const article = list.timeline.find(number);
  if (!article || article.dataset.deleted) return;
  article.toggleAttribute("data-pinned", pinned);
  mark(article, "pinned", pinned);
}

const quotesOf = (list, number) => list.querySelectorAll(`.message__quote[data-number="${Number(number)}"]`);

function blankQuotes(list, number) {
  for (const quote of quotesOf(list, number)) blankQuote(quote);
}

/** Whoever quotes a message quotes what it says now. */
function requote(list, number, article) {
  for (const quote of quotesOf(list, number))
    if (!("folded" in quote.dataset)) quote.querySelector("span")?.replaceChildren(textOf(article).slice(0, QUOTE));
}

export const fromOthers = (article, message) => (article ? !isMine(article) : idOf(message.sender) !== me.id);
