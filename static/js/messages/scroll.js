/** Where the reader is in the list: at the end and staying there, or somewhere above and not to be moved. */

const NEAR = 48; // px from the end that still count as being there

export class Scroll {
  #list;
  #timeline;
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #top = 0;
  #frame = null;

  constructor(list, timeline) {
    this.#list = list;
    this.#timeline = timeline;
    this.atEnd = true;
    list.addEventListener("scroll", () => this.#look(), { passive: true });
    new ResizeObserver(() => this.atEnd && this.toEnd()).observe(list);
    document.fonts?.ready.then(() => this.atEnd && this.toEnd());
  }

  get distance() {
    const { scrollHeight, scrollTop, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** Only going up leaves the end: the end also moves away when the list grows, and then it is followed. */
  #look() {
    const up = this.#list.scrollTop < this.#top - 1;
    this.#top = this.#list.scrollTop;
    if (up && this.distance > 8) this.atEnd = false;
    else if (this.distance < NEAR) this.atEnd = true;
  }

  toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#top = this.#list.scrollTop;
    this.atEnd = true;
  }

  /** A burst of messages moves the list once a frame. */
  #followEnd() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      if (this.atEnd) this.toEnd();
    });
  }

  /** Change the list without the reader noticing: the end stays the end, else the topmost visible message stays put. */
  keep(change) {
    // The list may have been scrolled a moment ago, and its event is still to come.
    this.#look();
    if (this.atEnd) {
      change();
      return this.#followEnd();
    }
    const edge = this.#list.getBoundingClientRect().top;
    const anchor = this.#timeline.articles.find((article) => article.getBoundingClientRect().bottom > edge);
    const number = anchor?.dataset.number;
    const before = anchor?.getBoundingClientRect().top;
    change();
    const after = (anchor?.isConnected ? anchor : number && this.#timeline.find(number))?.getBoundingClientRect().top;
    if (after !== undefined) this.#list.scrollTop += after - before;
    this.#look();
  }

  /** Bring an element into the middle of the view (`end`: a quarter from the top, to read on from there). */
  to(element, { smooth = false } = {}) {
    const box = this.#list.getBoundingClientRect();
    const { top, height } = element.getBoundingClientRect();
    const offset = Math.max(16, (box.height - height) / 3);
    const behavior = smooth && !this.#calm.matches ? "smooth" : "instant";
    this.#list.scrollTo({ top: this.#list.scrollTop + top - box.top - offset, behavior });
    this.#look();
  }

  /** The last message whose end, or at least whose beginning of a long one, is in view. */
  lastVisible() {
    const { top, bottom } = this.#list.getBoundingClientRect();
    return this.#timeline.numbered.findLast((article) => {
      const box = article.getBoundingClientRect();
      return box.top < bottom - 8 && (box.bottom <= bottom + 8 || box.bottom - box.top > bottom - top) && box.bottom > top;
    });
  }
}
