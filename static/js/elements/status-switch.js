/** <status-switch>: how I want to be seen. */

import { toastRefusal } from "./toast-region.js";
import { me } from "../page.js";
import { show } from "../presence.js";
import { socket } from "../socket.js";

class StatusSwitch extends HTMLElement {
  connectedCallback() {
    document.body.dataset.chosen = document.body.dataset.status ?? "online";
    this.addEventListener("click", ({ target }) => {
      const status = target.closest("[data-status]")?.dataset.status;
      if (status) this.#choose(status).catch(toastRefusal);
    });
  }

  async #choose(status) {
    await socket.request("presence.set", { status });
    document.body.dataset.chosen = status;
    for (const button of this.querySelectorAll("[data-status]"))
      button.setAttribute("aria-pressed", String(button.dataset.status === status));
    show(me.id, status);
  }
}

customElements.define("status-switch", StatusSwitch);
