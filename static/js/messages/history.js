/** The window of a conversation that the page holds: grows at both ends while one scrolls, never without bound. */

import { fragment } from "../page.js";
import { adopt, numberOf } from "./article.js";

const MOST = 300; // articles kept in the page
const AHEAD = "900px"; // load before the end comes into view

export class History {
  #list;
  #loading = 0;
  #missed = [];
  #watch;

  /** `list` has `timeline`, `scroll` and `apply(event)`. */
  constructor(list) {
    this.#list = list;
    this.hasBefore = "hasBefore" in list.dataset;
    this.hasAfter = "hasAfter" in list.dataset;
    this.#watch = new IntersectionObserver((seen) => this.#seen(seen), { root: list, rootMargin: AHEAD });
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  get busy() {
    return this.#loading > 0;
  }

  /** An event that came while a page was being read: that page may be older than it. */
  remember(event) {
    if (this.busy) this.#missed.push(event);
  }

  /** Hang the two links where they belong and look again whether they are in view. */
  watch() {
    this.#link("prev", this.hasBefore, "before", this.#list.timeline.first);
    this.#link("next", this.hasAfter, "after", this.#list.timeline.last);
  }

  #link(rel, wanted, field, number) {
    let link = this.#list.querySelector(`:scope > a[rel="${rel}"]`);
    if (link) this.#watch.unobserve(link);
    if (!wanted || !number) return link?.remove();
    if (!link) {
      link = document.createElement("a");
      link.rel = rel;
      link.className = "messages__more";
    }
    link.href = `/c/${this.#list.conversation}/?${field}=${number}`;
    link.textContent ||= this.#list.words[field];
    if (rel === "prev") this.#list.prepend(link);
    else this.#list.append(link);
    this.#watch.observe(link);
  }

  #seen(entries) {
    for (const { isIntersecting, target } of entries) if (isIntersecting) this.more(target.rel).catch(() => {});
  }

  #clicked(event) {
    const link = event.target.closest?.(".messages__more");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.more(link.rel).catch(() => location.assign(link.href));
  }

  /** Load what lies beyond `prev` or `next`, and let go of as much at the other end. */
  async more(rel) {
    const link = this.#list.querySelector(`:scope > a[rel="${rel}"]`);
    if (!link || this.busy) return;
    link.ariaBusy = "true";
    const earlier = rel === "prev";
    await this.#load(link.href, (page) => {
      if (earlier) this.hasBefore = "hasBefore" in page.dataset;
      else this.hasAfter = "hasAfter" in page.dataset;
      this.#list.scroll.keep(() => {
        this.#take(page);
        this.trim(earlier ? "end" : "start");
        this.watch();
      });
    }).finally(() => (link.ariaBusy = "false"));
  }

  /** Show another part of the conversation instead: `?at=12`, `?date=…`, or the newest. Returns the page it came from. */
  show(query = "") {
    return this.#load(`/c/${this.#list.conversation}/${query}`, (page) => {
      this.#list.timeline.clear();
      this.hasBefore = "hasBefore" in page.dataset;
      this.hasAfter = "hasAfter" in page.dataset;
      this.#take(page);
      this.watch();
    });
  }

  async #load(url, show) {
    this.#loading += 1;
    try {
      const page = await fragment(url, "message-list", "messages");
      show(page);
      return page;
    } finally {
      this.#loading -= 1;
      if (!this.busy) this.#missed.splice(0).forEach((event) => this.#list.apply(event));
    }
  }

  #take(page) {
    const reacted = JSON.parse(page.dataset.reacted || "{}");
    for (const article of page.querySelectorAll(":scope > article.message")) {
      if (this.#list.timeline.find(numberOf(article))) continue;
      this.#list.timeline.insert(adopt(article, reacted[article.dataset.number] ?? null));
    }
  }

  /** Keep the page small: drop the articles beyond MOST at the `start` or the `end`. Says whether there were any. */
  trim(side) {
    const articles = this.#list.timeline.numbered;
    const extra = articles.length - MOST;
    if (extra <= 0) return false;
    const gone = side === "start" ? articles.slice(0, extra) : articles.slice(-extra);
    this.#list.release(gone);
    gone.forEach((article) => this.#list.timeline.remove(article));
    if (side === "start") this.hasBefore = true;
    else this.hasAfter = true;
    return true;
  }
}
