/** How far I have read: what was in view while I was looking counts, and everybody (server, side bar, tabs) is told. */

import { debounced, emit, word } from "../page.js";
import { socket } from "../socket.js";
import { isMine } from "./article.js";

const looking = () => document.visibilityState === "visible" && document.hasFocus();

export class Reading {
  #list;
  #bar;
  #held = false;
  #unseen = 0;
  #check = debounced(() => this.#look(), 150);

  constructor(list, bar) {
    this.#list = list;
    this.#bar = bar;
    this.read = Number(list.dataset.read || 0);
    this.told = this.read;
    list.addEventListener("scroll", () => this.changed(), { passive: true });
    addEventListener("focus", () => this.changed());
    document.addEventListener("visibilitychange", () => this.changed());
    socket.addEventListener("hello", () => this.#tell());
    socket.addEventListener("read.changed", ({ detail }) => this.#elsewhere(detail));
    document.querySelector("[data-latest]")?.remove();
    this.#offerUnread(document.querySelector(".messages__unread a"));
    bar?.addEventListener("click", async () => {
      await list.toLatest();
      list.scroll.toEnd();
      this.changed();
    });
  }

  /** The way to the first unread message stays good after these were marked read. */
  #offerUnread(link) {
    const first = this.read + 1;
    link?.addEventListener("click", (event) => {
      event.preventDefault();
      link.parentElement.remove();
      this.#list.jump(first).then(() => this.#list.timeline.divide(this.#list.timeline.find(first)));
    });
  }

  /** Something moved: look again soon. */
  changed() {
    this.#showBar();
    this.#check();
  }

  /** A message of somebody else arrived. */
  arrived(article, number) {
    if (!looking() || !this.#list.scroll.atEnd) this.#unseen += 1;
    if (article && number > this.read && !looking() && !this.#dividerIsNews()) this.#list.timeline.divide(article);
    this.changed();
  }

  /** I said something: I have seen what was there, and the line has served. */
  spoke() {
    this.#held = false;
    this.#list.timeline.divide(null);
  }

  /** "Mark unread from here": nothing counts as read again until I speak or come back. */
  async unreadFrom(article) {
    const number = Number(article.dataset.number);
    const ok = await socket.request("unread", { conversation: this.#list.conversation, number });
    this.#held = true;
    this.read = this.told = ok.last_read_number;
    this.#list.scroll.keep(() => this.#list.timeline.divide(article));
    emit("read", { conversation: this.#list.conversation, number: this.read });
  }

  #dividerIsNews() {
    const below = this.#list.timeline.divider?.nextElementSibling;
    return Number(below?.dataset.number ?? 0) > this.read;
  }

  #look() {
    if (!looking() || this.#held || this.#list.history.busy) return;
    const seen = Number(this.#list.scroll.lastVisible()?.dataset.number ?? 0);
    this.#showBar();
    if (seen <= this.read) return;
    this.read = seen;
    this.#tell();
  }

  async #tell() {
    if (this.read <= this.told || !socket.ready) return;
    const { conversation } = this.#list;
    const number = this.read;
    try {
      const ok = await socket.request("read", { conversation, number });
      this.told = Math.max(this.told, ok.last_read_number);
      emit("read", { conversation, number: ok.last_read_number, mentions: ok.mention_count });
    } catch {
      // The next look, or the next connection, says it again.
    }
  }

  #elsewhere({ conversation, last_read_number: number }) {
    if (conversation !== this.#list.conversation) return;
    this.#held ||= number < this.read;
    this.read = this.told = number;
    this.changed();
  }

  #showBar() {
    if (!this.#bar) return;
    const { scroll, history } = this.#list;
    if (scroll.atEnd && !history.hasAfter && looking()) this.#unseen = 0;
    const far = history.hasAfter || scroll.distance > 1.5 * this.#list.clientHeight;
    this.#bar.hidden = (scroll.atEnd && !history.hasAfter) || (!this.#unseen && !far);
    const text = this.#unseen ? word("new_messages", { count: this.#unseen }) : word("jump_latest");
    if (this.#bar.textContent !== text) this.#bar.textContent = text;
  }
}

/** The first message after `read` that somebody else sent: where the line of the unread belongs. */
export function firstUnread(timeline, read) {
  return timeline.numbered.find((article) => Number(article.dataset.number) > read && !isMine(article)) ?? null;
}
