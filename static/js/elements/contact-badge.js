/** <contact-badge>: how many wait to hear whether they may be friends, on the way to the contacts; kept true. */

import { debounced, on } from "../page.js";
import { socket } from "../socket.js";
import { concerns } from "./contact-list.js";

class ContactBadge extends HTMLElement {
  #soon = debounced(() => this.#ask().catch(() => {}), 300);

  #met = false;

  connectedCallback() {
    socket.addEventListener("hello", () => {
      // What was missed while the socket was away; the page itself came with the count.
      if (this.#met) this.#soon();
      this.#met = true;
    });
    on("contacts", () => this.#soon());
    socket.addEventListener("notification.created", ({ detail }) => concerns(detail) && this.#soon());
  }

  async #ask() {
    const answer = await fetch("/contacts/", { headers: { Accept: "application/json" } });
    if (answer.ok) this.#show((await answer.json()).received);
  }

  #show(count) {
    const badge = this.querySelector(".badge");
    badge.hidden = count === 0;
    badge.firstChild.textContent = count > 99 ? "99+" : String(count);
  }
}

customElements.define("contact-badge", ContactBadge);
