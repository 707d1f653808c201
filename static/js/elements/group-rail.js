/** <group-rail>: the groups beside the talk, kept true. */

import { debounced, fragment } from "../page.js";
import { socket } from "../socket.js";

const TOGETHER = 400;

class GroupRail extends HTMLElement {
  #soon = debounced(() => this.#refresh(), TOGETHER);

  connectedCallback() {
    // A group came or went, or is called otherwise: the page draws it.
    socket.addEventListener("group.changed", () => this.#soon());
  }

  async #refresh() {
    try {
      const fresh = await fragment(location.href, "group-rail", "places");
      this.replaceChildren(...fresh.childNodes);
    } catch {
      // The next change asks again.
    }
  }
}

customElements.define("group-rail", GroupRail);
