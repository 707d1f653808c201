/** <message-selection>: several messages ticked, for a post. While it is open each message that one may take has a box. */

import { isMine, senderOf, textOf } from "../messages/article.js";
import { element, on, say, word } from "../page.js";
import { MAY } from "./message-list.js";
import { toast } from "./toast-region.js";

const PREVIEW = 80;

/** May I make a post of this message? The page that does it asks again. */
export function maySelect(list, article) {
  const { number, deleted, kind } = article.dataset;
  if (!document.querySelector("message-selection")?.dataset.url) return false;
  if (!number || deleted || kind === "system" || article.matches(".message--pending, .message--folded")) return false;
  return isMine(article) || (list.dataset.kind !== "direct" && list.may(MAY.MANAGE));
}

class MessageSelection extends HTMLElement {
  #list;
  #chosen = new Set();
  #watcher = new MutationObserver(() => this.#dress());
  #last = null;

  connectedCallback() {
    if (this.#list) return;
    this.#list = document.querySelector("message-list");
    if (!this.#list) return;
    on("select", ({ article }) => this.#open(article));
    this.addEventListener("click", ({ target }) => this.#use(target.closest("[data-action]")?.dataset.action));
    document.addEventListener("keydown", (event) => !this.hidden && event.key === "Escape" && this.#escape(event), true);
    this.#list.addEventListener("change", ({ target }) => target.matches(".message__tick") && this.#ticked(target));
    this.#list.addEventListener("keydown", (event) => event.target.matches(".message__tick") && this.#walk(event));
    // With Shift everything from the box that was ticked last.
    this.#list.addEventListener("click", (event) => event.shiftKey && event.target.matches(".message__tick") && this.#range(event.target));
  }

  #open(article) {
    if (this.hidden) {
      document.querySelector(".talk__foot")?.prepend(this);
      this.hidden = false;
      this.#list.toggleAttribute("data-selecting", true);
      this.#watcher.observe(this.#list, { childList: true });
    }
    this.#dress();
    this.#set(article, true);
    article.querySelector(".message__tick")?.focus();
  }

  #close() {
    this.#watcher.disconnect();
    this.hidden = true;
    this.#list.removeAttribute("data-selecting");
    for (const box of this.#list.querySelectorAll(".message__tick")) box.remove();
    this.#chosen.clear();
    this.#last = null;
  }

  /** Messages come and go while one chooses. */
  #dress() {
    for (const article of this.#list.querySelectorAll("article.message")) {
      const may = maySelect(this.#list, article);
      const box = article.querySelector(":scope > .message__tick");
      if (may && !box) article.prepend(this.#boxFor(article));
      else if (!may) box?.remove();
      if (!may) this.#chosen.delete(Number(article.dataset.number));
    }
    this.#show();
  }

  #boxFor(article) {
    const box = element('<input type="checkbox" class="message__tick">');
    box.checked = this.#chosen.has(Number(article.dataset.number));
    box.ariaLabel = word("select_message", { name: senderOf(article), text: textOf(article).slice(0, PREVIEW) });
    return box;
  }

  #ticked(box) {
    this.#set(box.closest("article.message"), box.checked);
  }

  /** The arrows go from box to box. */
  #walk(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    const boxes = [...this.#list.querySelectorAll(".message__tick")];
    boxes[boxes.indexOf(event.target) + step]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }

  #range(box) {
    const boxes = [...this.#list.querySelectorAll(".message__tick")];
    const ends = [boxes.indexOf(this.#last), boxes.indexOf(box)].sort((one, two) => one - two);
    if (ends[0] < 0) return;
    for (const each of boxes.slice(ends[0], ends[1] + 1)) this.#set(each.closest("article.message"), box.checked);
  }

  #set(article, checked) {
    const number = Number(article.dataset.number);
    const box = article.querySelector(":scope > .message__tick");
    const most = Number(this.dataset.most);
    const isOver = checked && !this.#chosen.has(number) && this.#chosen.size >= most;
    if (isOver) toast(word("select_most", { count: most }));
    else if (checked) this.#chosen.add(number);
    else this.#chosen.delete(number);
    if (box) box.checked = this.#chosen.has(number);
    this.#last = box;
    this.#show();
  }

  #show() {
    const words = word("selected", { count: this.#chosen.size });
    const count = this.querySelector(".selection__count");
    if (count.textContent !== words) say(words);
    count.textContent = words;
    this.querySelector('[data-action="make"]').disabled = this.#chosen.size === 0;
  }

  #escape(event) {
    if (document.querySelector("dialog[open], :popover-open, message-editor")) return;
    event.preventDefault();
    event.stopPropagation();
    this.#close();
  }

  #use(action) {
    if (action === "cancel") this.#close();
    if (action !== "make" || !this.#chosen.size) return;
    const numbers = [...this.#chosen].sort((one, two) => one - two).map((number) => ["n", number]);
    location.assign(`${this.dataset.url}?${new URLSearchParams(numbers)}`);
  }
}

customElements.define("message-selection", MessageSelection);
