/** <recovery-codes>: copies or prints the codes inside; its buttons are shown only to scripts. */

import { say, word } from "../page.js";

class RecoveryCodes extends HTMLElement {
  connectedCallback() {
    for (const button of this.querySelectorAll("[data-does]")) button.hidden = false;
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-does]");
      if (button?.dataset.does === "print") print();
      if (button?.dataset.does === "copy") this.#copy(button);
    });
  }

  async #copy(button) {
    const codes = Array.from(this.querySelectorAll("code"), (code) => code.textContent.trim());
    await navigator.clipboard.writeText(codes.join("\n")).then(
      () => say((button.textContent = button.dataset.done)),
      () => say(word("went_wrong")),
    );
  }
}

customElements.define("recovery-codes", RecoveryCodes);
