/** The articles of a list in order, and what stands between them: days, the mark of the unread, who goes on talking. */

import { element, word } from "../page.js";
import { dayName } from "../time.js";
import { dayOfArticle, follows, numberOf } from "./article.js";

export class Timeline {
  #list;

  constructor(list) {
    this.#list = list;
  }

  get articles() {
    return [...this.#list.querySelectorAll(":scope > article.message")];
  }

  /** The server's own articles: not the copies of what is on its way, even where those know their number already. */
  get numbered() {
    return this.articles.filter(({ dataset }) => dataset.number && !dataset.clientId);
  }

  get first() {
    return Number(this.numbered[0]?.dataset.number ?? 0);
  }

  get last() {
    return Number(this.numbered.at(-1)?.dataset.number ?? 0);
  }

  find(number) {
    return this.#list.querySelector(`:scope > article[data-number="${Number(number)}"]`);
  }

  findById(id) {
    return this.#list.querySelector(`:scope > article[data-id="${CSS.escape(id)}"]`);
  }

  findPending(clientId) {
    return clientId ? this.#list.querySelector(`:scope > article[data-client-id="${CSS.escape(clientId)}"]`) : null;
  }

  /** Put an article where its number belongs; messages on their way stay last. */
  insert(article) {
    this.#list.querySelector(".messages__empty")?.remove();
    const number = numberOf(article);
    const before = this.articles.findLast((other) => other !== article && numberOf(other) <= number);
    if (before) before.after(article);
    else this.#start(article);
    this.settle(article);
    this.settle(this.#beside(article, "nextElementSibling"));
  }

  #start(article) {
    const first = this.articles.find((other) => other !== article);
    if (!first) return this.#list.querySelector('[rel="next"]')?.before(article) ?? this.#list.append(article);
    let place = first;
    while (place.previousElementSibling?.matches(".day")) place = place.previousElementSibling;
    place.before(article);
  }

  /** Take `article` for `old`, in the same place. */
  replace(old, article) {
    old.replaceWith(article);
    this.settle(article);
    this.settle(this.#beside(article, "nextElementSibling"));
  }

  remove(article) {
    const next = this.#beside(article, "nextElementSibling");
    this.#between(article).forEach((separator) => separator.matches(".day--new") || separator.remove());
    article.remove();
    this.settle(next);
  }

  clear() {
    this.#list.querySelectorAll(":scope > article.message, :scope > .day").forEach((child) => child.remove());
  }

  settleAll() {
    this.#list.querySelectorAll(":scope > .day[data-day]").forEach((day) => day.remove());
    this.articles.forEach((article) => this.settle(article));
  }

  /** Give an article what it needs before it: a day's name where one begins, nothing where the same person goes on. */
  settle(article) {
    if (!article) return;
    const previous = this.#beside(article, "previousElementSibling");
    const between = this.#between(article);
    const day = dayOfArticle(article);
    const newDay = !previous || dayOfArticle(previous) !== day;
    between.filter((separator) => separator.dataset.day).forEach((separator) => separator.remove());
    const divider = between.find((separator) => separator.matches(".day--new"));
    if (newDay) (divider ?? article).before(daySeparator(day));
    article.classList.toggle("message--follow", !newDay && !divider && follows(previous, article));
  }

  /** Draw the line before the first message I have not read; without one, lift it. */
  divide(article) {
    const old = this.#list.querySelector(":scope > .day--new");
    const below = old && this.#beside(old, "nextElementSibling");
    old?.remove();
    this.settle(below);
    if (!article) return;
    const line = element('<div class="day day--new"></div>');
    line.textContent = word("new");
    article.before(line);
    this.settle(article);
  }

  get divider() {
    return this.#list.querySelector(":scope > .day--new");
  }

  #between(article) {
    const found = [];
    for (let at = article.previousElementSibling; at?.matches(".day"); at = at.previousElementSibling) found.push(at);
    return found;
  }

  #beside(from, direction) {
    let at = from[direction];
    while (at && !at.matches("article.message")) at = at[direction];
    return at;
  }
}

function daySeparator(day) {
  const separator = element('<div class="day"></div>');
  separator.dataset.day = day;
  separator.textContent = dayName(day);
  return separator;
}
