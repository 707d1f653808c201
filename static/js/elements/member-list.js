/** <member-list>: who is in the open conversation. Presence is kept by presence.js; here people come and go. */

import { debounced, fragment, idOf, me, on } from "../page.js";
import { socket } from "../socket.js";

const TOGETHER = 400;

class MemberList extends HTMLElement {
  #met = false;
  #soon = debounced(() => this.#refresh(), TOGETHER);

  connectedCallback() {
    for (const name of ["membership.added", "membership.removed", "membership.changed"])
      socket.addEventListener(name, ({ detail }) => this.#changed(detail));
    on("presence", ({ id, status }) => this.#move(id, status === "offline" ? "away" : "here"));
    // Roles, names and colours of a group.
    socket.addEventListener("group.changed", () => this.#soon());
    socket.addEventListener("hello", () => {
      // Who came and went while this page heard nothing?
      if (this.#met) this.#soon();
      this.#met = true;
    });
  }

  /** People who are here stand above those who are away, in order of their names. */
  #move(id, place) {
    const row = this.querySelector(`.person[data-user-id="${CSS.escape(id)}"]`);
    const from = row?.closest("[data-presence-group]");
    if (!from || from.dataset.presenceGroup === place) return;
    const to = this.querySelector(`[data-presence-group="${place}"]`);
    if (!to) return this.#soon();
    const people = to.querySelector(".people");
    const after = [...people.children].find(({ dataset }) => dataset.name.localeCompare(row.dataset.name) > 0);
    people.insertBefore(row, after ?? null);
    for (const group of [from, to]) {
      const count = group.querySelectorAll(".person").length;
      group.hidden = count === 0;
      group.querySelector("[data-count]").textContent = count;
    }
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
