/** What is unread, on the tab itself: a number before the title and a dot on the picture. */

export class Counted {
  #title = document.title;
  #icon = document.querySelector("link[rel=icon][data-unread]");
  #plain = this.#icon?.href;

  show(unread) {
    document.title = unread ? `(${unread > 99 ? "99+" : unread}) ${this.#title}` : this.#title;
    if (!this.#icon) return;
    const href = unread ? this.#icon.dataset.unread : this.#plain;
    if (this.#icon.getAttribute("href") !== href) this.#icon.setAttribute("href", href);
  }

  /** The conversation is called something else now: whatever follows its name in the title stays. */
  rename(title) {
    this.#title = this.#title.replace(/^.*?(?= · |$)/, () => title);
  }
}
