/** <member-list>: who is in the open conversation. Presence is kept by presence.js; here people come and go. */

import { debounced, fragment, idOf, me } from "../page.js";
import { socket } from "../socket.js";

const TOGETHER = 400;

class MemberList extends HTMLElement {
  #soon = debounced(() => this.#refresh(), TOGETHER);

  connectedCallback() {
    for (const name of ["membership.added", "membership.removed", "membership.changed"])
      socket.addEventListener(name, ({ detail }) => this.#changed(detail));
  }

  #changed({ event, conversation, user }) {
    if (conversation !== this.dataset.conversation) return;
    if (event === "membership.removed" && idOf(user) === me.id) return;
    this.#soon();
  }

  /** The page draws the rows, so it is asked. */
  async #refresh() {
    try {
      const fresh = await fragment(location.href, "member-list", "members");
      this.replaceChildren(...fresh.childNodes);
    } catch {
      // The list on the page is a little old; the next change asks again.
    }
  }
}

customElements.define("member-list", MemberList);
