/** <moderation-queue>: the keys of the queue. J and K go on and back, A approves, R removes, X chooses. Buttons and links are the page's. */

class ModerationQueue extends HTMLElement {
  connectedCallback() {
    for (const hint of this.querySelectorAll(".queue__keys")) hint.hidden = false;
    document.addEventListener("keydown", this.#pressed);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#pressed);
  }

  #pressed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    const act = this.#acts[event.key.toLowerCase()];
    if (act && act()) event.preventDefault();
  };

  #acts = {
    j: () => this.#go(1),
    k: () => this.#go(-1),
    a: () => this.#press("a"),
    r: () => this.#press("r"),
    x: () => this.#choose(),
  };

  get #items() {
    return [...this.querySelectorAll(".item")];
  }

  /** The thing that has the keys; none before the first J. */
  get #here() {
    return document.activeElement?.closest?.(".item") ?? null;
  }

  #go(step) {
    const items = this.#items;
    const at = items.indexOf(this.#here);
    const next = at < 0 ? items[0] : items[at + step];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    return Boolean(next);
  }

  #press(key) {
    const control = this.#here?.querySelector(`[data-key="${key}"]`);
    control?.click();
    return Boolean(control);
  }

  #choose() {
    const box = this.#here?.querySelector("input[type=checkbox]");
    box?.click();
    return Boolean(box);
  }
}

function isWriting(target) {
  return target instanceof Element && Boolean(target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}

customElements.define("moderation-queue", ModerationQueue);
