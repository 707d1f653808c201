/** Who reacted: asked of the message's own page when somebody points at a reaction, and shown as its title. */

import { debounced, pageAt } from "../page.js";

const LINGER = 250;

export class Reactors {
  #list;
  #wanted = null;
  #soon = debounced(() => this.#ask(this.#wanted).catch(() => {}), LINGER);

  constructor(list) {
    this.#list = list;
    for (const sign of ["pointerover", "focusin"]) list.addEventListener(sign, (event) => this.#point(event));
  }

  #point({ target }) {
    const button = target.closest(".reaction");
    if (!button || button.title) return this.#soon.cancel();
    this.#wanted = button.closest("article.message");
    this.#soon();
  }

  async #ask(article) {
    const page = await pageAt(`/c/${this.#list.conversation}/m/${article.dataset.number}/`, "message");
    for (const line of page.querySelectorAll("[data-reacted-by]")) {
      const button = article.querySelector(`.reaction[data-emoji="${CSS.escape(line.dataset.reactedBy)}"]`);
      if (button) button.title = line.querySelector("span").textContent;
    }
  }
}
