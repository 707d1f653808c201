/** <typing-line>: who is writing in the open conversation. */

import { idOf, me, on, word } from "../page.js";
import { nameOf } from "../people.js";
import { socket } from "../socket.js";

const LASTS = 5000;

class TypingLine extends HTMLElement {
  #writers = new Map();

  connectedCallback() {
    socket.addEventListener("typing", ({ detail }) => {
      const id = idOf(detail.user);
      if (detail.conversation === this.dataset.conversation && id !== me.id) this.#began(id, nameOf(detail.user));
    });
    on("message", ({ message }) => this.#ended(idOf(message.sender)));
  }

  #began(id, name) {
    clearTimeout(this.#writers.get(id)?.timer);
    this.#writers.set(id, { name, timer: setTimeout(() => this.#ended(id), LASTS) });
    this.#show();
  }

  #ended(id) {
    clearTimeout(this.#writers.get(id)?.timer);
    if (this.#writers.delete(id)) this.#show();
  }

  #show() {
    const names = [...this.#writers.values()].map(({ name }) => name);
    const [first, second] = names;
    if (!names.length) this.textContent = "";
    else if (names.some((name) => !name)) this.textContent = word(names.length > 1 ? "typing_many" : "typing_somebody");
    else if (names.length === 1) this.textContent = word("typing_one", { first });
    else this.textContent = word(names.length === 2 ? "typing_two" : "typing_many", { first, second });
  }
}

customElements.define("typing-line", TypingLine);
