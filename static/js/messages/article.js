/** One message on the page: what its markup says, and what only this reader's page adds to it. */

import { element, fillWords, me, word } from "../page.js";
import { fold } from "../folding.js";
import { prepareSpoilers } from "../spoilers.js";
import { dayOf, timeText } from "../time.js";

const TOGETHER = 5 * 60_000;

export const numberOf = (article) => Number(article.dataset.number) || Infinity;
export const dayOfArticle = (article) => dayOf(new Date(article.dataset.created));
export const isMine = (article) => article.dataset.sender === me.id;

/** Does `article` go on where `previous`, just before it, left off? Then it needs no name and no face. */
export function follows(previous, article) {
  const { sender, created, kind, deleted } = article.dataset;
  if (!sender || sender !== previous.dataset.sender || kind === "system" || previous.dataset.kind === "system") return false;
  if (deleted || previous.dataset.deleted || article.querySelector(".message__quote")) return false;
  return new Date(created) - new Date(previous.dataset.created) < TOGETHER;
}

/** Make pushed or loaded markup this reader's own: words, local times, what is mine and what calls me. */
export function adopt(article, reacted = null, metadata = null) {
  article.tabIndex = -1;
  if (metadata?.event) tellEvent(article, metadata);
  fillWords(article);
  prepareSpoilers(article);
  showTime(article);
  showAnswers(article);
  article.classList.toggle("message--mine", isMine(article));
  article.classList.toggle("message--mention", callsMe(article));
  if (reacted) for (const button of reactionsOf(article)) press(button, reacted.includes(button.dataset.emoji));
  for (const button of reactionsOf(article)) nameReaction(button);
  fold(article);
  return article;
}

/** Pushed system messages bring what happened; the page has the words for it. */
function tellEvent(article, { event, actor, people = [], title }) {
  const text = article.querySelector(".message__text");
  if (text && !text.textContent.trim()) text.textContent = word(`event_${event}`, { actor, people: people.join(", "), title });
}

/** The way into the thread: how many answered, shown where anybody did. */
export function showAnswers(article, change = 0) {
  let link = article.querySelector(":scope > .message__answers");
  const count = Number(link?.dataset.count ?? 0) + change;
  if (count <= 0 || article.dataset.deleted) return link?.remove();
  if (!link) {
    link = element('<a class="message__answers"></a>');
    link.href = `${article.querySelector("a.message__time").getAttribute("href")}thread/`;
    article.querySelector(".reactions").before(link);
  }
  link.dataset.count = count;
  link.textContent = word("answers", { count });
}

/** The newer form of a message says nothing of its answers: they stay as they were. */
export function keepAnswers(old, article) {
  const link = old.querySelector(":scope > .message__answers");
  if (link && !article.querySelector(":scope > .message__answers")) article.querySelector(".reactions")?.before(link);
}

function callsMe(article) {
  if (!me.username || article.dataset.deleted) return false;
  const mine = me.username.toLowerCase();
  const roles = document.querySelector("message-list")?.dataset.roles?.split(" ") ?? [];
  const others = !isMine(article);
  return [...article.querySelectorAll(".mention")].some(
    ({ dataset: { username, call, role } }) => username?.toLowerCase() === mine || (others && (call || roles.includes(role))),
  );
}

function showTime(article) {
  for (const time of article.querySelectorAll(".message__time time, time.message__time")) {
    const date = new Date(time.dateTime);
    time.textContent = timeText(date);
    time.title = timeText(date, "full");
  }
}

export const reactionsOf = (article) => [...article.querySelectorAll(".reaction")];
export const myReactions = (article) =>
  reactionsOf(article).filter((button) => button.ariaPressed === "true").map((button) => button.dataset.emoji);

const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

function nameReaction(button) {
  const count = Number(button.querySelector("span")?.textContent ?? 1);
  button.ariaLabel = word("reaction_count", { emoji: button.dataset.emoji, count });
}

/** Show `counts` ({emoji: number}), mine pressed. */
export function showReactions(article, counts, mine) {
  const buttons = Object.entries(counts).map(([emoji, count]) => {
    const button = element('<button type="button" class="reaction"><span></span></button>');
    button.dataset.emoji = emoji;
    button.prepend(`${emoji} `);
    button.querySelector("span").textContent = count;
    press(button, mine.includes(emoji));
    nameReaction(button);
    return button;
  });
  article.querySelector(".reactions")?.replaceChildren(...buttons);
}

/** Leave a tombstone: that something was said, and nothing of it. */
export function bury(article, deletedAt) {
  article.dataset.deleted = deletedAt;
  article.querySelector(".message__quote")?.remove();
  article.querySelectorAll(".message__mark, .message__receipt, .message__offshoot").forEach((mark) => mark.remove());
  article.querySelector(".reactions")?.replaceChildren();
  const text = element('<p class="message__text message__text--deleted" data-label="deleted"></p>');
  article.querySelector(".message__text")?.replaceWith(text);
  delete article.dataset.pinned;
  adopt(article);
}

/** Set or lift one of the small marks ("edited", "pinned") in the message's head. */
export function mark(article, label, shown) {
  article.querySelector(`.message__mark[data-label="${label}"]`)?.remove();
  if (!shown) return;
  const span = element('<span class="message__mark"></span>');
  span.dataset.label = label;
  span.textContent = word(label);
  article.querySelector(".message__head")?.append(span);
}

/** Quotes of a message that is gone say nothing of it either. */
export function blankQuote(quote) {
  quote.querySelector("span")?.replaceChildren(word("deleted"));
  quote.querySelector("b")?.remove();
}

const HIDDEN = "▒▒▒";

/** What a message says in one line; hidden text stays hidden. */
export function textOf(article) {
  const text = article.querySelector(".message__text")?.cloneNode(true);
  text?.querySelectorAll(".spoiler").forEach((spoiler) => spoiler.replaceWith(HIDDEN));
  return text?.textContent.trim().replace(/\s+/g, " ") ?? "";
}

export const senderOf = (article) => article.querySelector(".message__sender")?.textContent.trim() ?? "";
