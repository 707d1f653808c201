/** <member-table>: finds members while one types, and chooses several of them; the forms do the rest. */

import { debounced } from "../page.js";
import { toastRefusal } from "./toast-region.js";

class MemberTable extends HTMLElement {
  #asked = 0;
  #soon = debounced(() => this.#ask().catch(toastRefusal), 250);

  connectedCallback() {
    this.#filter.querySelector("[data-search]").hidden = true;
    this.#filter.addEventListener("input", () => this.#soon());
    this.#filter.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#soon();
    });
    this.addEventListener("change", ({ target }) => {
      if (target.matches("[data-all]")) this.#choose(target.checked);
      this.#count();
    });
    this.#count();
  }

  get #filter() {
    return this.querySelector("form[role=search]");
  }

  get #boxes() {
    return [...this.querySelectorAll('input[name="people"]')];
  }

  async #ask() {
    const asked = ++this.#asked;
    const query = new URLSearchParams(new FormData(this.#filter));
    const url = `${this.dataset.url}?${query}`;
    const answer = await fetch(url, { headers: { "X-Fragment": "members" } });
    if (!answer.ok) throw new Error(answer.status);
    const html = await answer.text();
    // The answer to what was typed before comes too late.
    if (asked !== this.#asked) return;
    this.querySelector("[data-members]").innerHTML = html;
    history.replaceState(history.state, "", url);
    this.#count();
  }

  #choose(all) {
    const most = Number(this.dataset.most);
    this.#boxes.forEach((box, place) => {
      box.checked = all && place < most;
    });
  }

  /** Without anybody chosen there is nothing to do. */
  #count() {
    const boxes = this.#boxes;
    const chosen = boxes.filter(({ checked }) => checked).length;
    const deeds = this.querySelector(".member-deeds");
    if (!deeds) return;
    const all = deeds.querySelector("[data-all]");
    all.closest("label").hidden = false;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
    deeds.querySelector("[data-count]").textContent = chosen;
    deeds.querySelector(".member-deeds__count").hidden = chosen === 0;
    for (const button of deeds.querySelectorAll("button")) button.disabled = chosen === 0;
  }
}

customElements.define("member-table", MemberTable);
