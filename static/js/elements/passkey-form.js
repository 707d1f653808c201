/**
 * <passkey-form data-does="use|create">: has a passkey fill the field `credential` of its form before it is sent. The options
 * lie beside it as JSON, or are asked from `data-options`. Shown only where the browser knows passkeys.
 */

import { say } from "../page.js";
import { createPasskey, supported, usePasskey } from "../passkeys.js";

/** What the browser complains of, and which words say it: an address of numbers can have no passkeys. */
const WHY = { InvalidStateError: "known", SecurityError: "address" };

class PasskeyForm extends HTMLElement {
  #form;

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    if (supported()) this.hidden = false;
    // A page that comes back from the history has an answer that was used.
    addEventListener("pageshow", () => (this.#form.elements.credential.value = ""));
  }

  #submit(event) {
    if (this.#form.elements.credential.value) return;
    event.preventDefault();
    if (this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    this.#tell(this.dataset.waiting);
    this.#ask()
      .then(() => this.#form.requestSubmit())
      .catch(({ name }) => this.#tell(this.dataset[WHY[name]] ?? this.dataset.failed))
      .finally(() => this.removeAttribute("aria-busy"));
  }

  async #ask() {
    const options = await this.#options();
    const ask = this.dataset.does === "create" ? createPasskey : usePasskey;
    this.#form.elements.credential.value = await ask(options);
  }

  async #options() {
    const beside = this.querySelector("script[type='application/json']");
    if (beside) return JSON.parse(beside.textContent);
    const response = await fetch(this.dataset.options, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`${this.dataset.options}: ${response.status}`);
    return (await response.json()).request_options;
  }

  #tell(words = "") {
    this.querySelector(".passkey__status").textContent = words;
    say(words);
  }
}

customElements.define("passkey-form", PasskeyForm);
