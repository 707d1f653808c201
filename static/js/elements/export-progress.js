/** <export-progress>: while an export is being made (`data-again`), looks every few seconds how far it is. */

import { pageAt } from "../page.js";

const EVERY = 3000;

class ExportProgress extends HTMLElement {
  #timer = null;

  connectedCallback() {
    this.#wait();
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  #wait() {
    if ("again" in this.dataset) this.#timer = setTimeout(() => this.#look().catch(() => this.#wait()), EVERY);
  }

  async #look() {
    const newer = (await pageAt(location.pathname)).querySelector("export-progress");
    if (!newer || !this.isConnected) return;
    this.replaceChildren(...document.adoptNode(newer).childNodes);
    this.toggleAttribute("data-again", newer.hasAttribute("data-again"));
    this.#wait();
  }
}

customElements.define("export-progress", ExportProgress);
