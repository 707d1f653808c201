/** <contact-list>: friends, requests and blocked people; deeds without leaving the page, friends sorted by presence. */

import { ask } from "../dialogs.js";
import { debounced, emit, fragment, on, word } from "../page.js";
import { socket } from "../socket.js";
import { toast } from "./toast-region.js";

class ContactList extends HTMLElement {
  #soon = debounced(() => this.refresh(), 300);

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submitted(event));
    on("presence", ({ id, status }) => this.#move(id, status === "offline" ? "away" : "here"));
    // What happened before the socket spoke is asked for when it does.
    socket.addEventListener("hello", () => this.matches(":focus-within") || this.#soon());
    socket.addEventListener("notification.created", ({ detail }) => concerns(detail) && this.#soon());
  }

  /** Forms marked `data-contact` are sent from here; the page then shows how things stand. */
  async #submitted(event) {
    const form = event.target.closest("form[data-contact]");
    if (!form) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const name = form.closest(".person")?.dataset.name;
    if (form.dataset.asks && (await ask(form.dataset.asks, name)) === "cancel") return;
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    const told = await answer?.json().catch(() => null);
    if (!answer?.ok) return toast(told?.error?.message ?? word("went_wrong"), "bad");
    toast(told.message);
    await this.refresh();
    this.focus();
  }

  /** The page draws the rows, so it is asked; not while somebody types here. The badge hears of it. */
  async refresh() {
    emit("contacts");
    if (this.querySelector("input:focus")) return;
    this.tabIndex = -1;
    try {
      const fresh = await fragment(location.href, "contact-list", "contacts");
      this.replaceChildren(...fresh.childNodes);
    } catch {
      // What is shown is a little old; the next deed asks again.
    }
  }

  /** Friends who are here stand above those who are away, in order of their names. */
  #move(id, place) {
    const row = this.querySelector(`.person[data-user-id="${CSS.escape(id)}"]`);
    const from = row?.closest("[data-presence-group]");
    if (!from || from.dataset.presenceGroup === place) return;
    const to = this.querySelector(`[data-presence-group="${place}"]`);
    if (!to) return;
    const people = to.querySelector(".people");
    const after = [...people.children].find(({ dataset }) => dataset.name.localeCompare(row.dataset.name) > 0);
    people.insertBefore(row, after ?? null);
    for (const group of [from, to]) {
      const count = group.querySelectorAll(".person").length;
      group.hidden = count === 0;
      group.querySelector("[data-count]")?.replaceChildren(String(count));
    }
  }
}

/** Is the notification about a request, or the answer to one? */
export const concerns = ({ notification }) => notification?.kind === "friend_request";

customElements.define("contact-list", ContactList);
