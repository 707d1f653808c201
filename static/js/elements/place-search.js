/** <place-search>: what the search field finds beyond the rows above it: groups, channels, conversations, people. */

import { debounced, fragment } from "../page.js";

const QUIET = 250;

class PlaceSearch extends HTMLElement {
  #field = document.getElementById("search");
  #asked = 0;
  #soon = debounced(() => this.#ask(), QUIET);

  connectedCallback() {
    if (!this.#field) return;
    this.#field.addEventListener("input", () => this.#soon());
    // The rows above come first: what opens one of them has prevented this.
    this.#field.form.addEventListener("submit", (event) => this.#open(event));
    this.closest(".places").addEventListener("keydown", (event) => this.#walk(event));
  }

  get #words() {
    return this.#field.value.trim();
  }

  async #ask() {
    const asked = ++this.#asked;
    if (!this.#words) return this.replaceChildren();
    const url = `${this.dataset.url}?${new URLSearchParams({ q: this.#words })}`;
    const found = await fragment(url, "[data-found]", "found").catch(() => null);
    if (asked !== this.#asked) return;
    const here = new Set([...document.querySelectorAll("conversation-list a.place")].map((row) => row.href));
    for (const link of found?.querySelectorAll("a.place") ?? []) if (here.has(link.href)) link.closest("li").remove();
    for (const list of found?.querySelectorAll("ul:empty") ?? []) list.previousElementSibling.remove();
    this.replaceChildren(...(found?.childNodes ?? []));
  }

  /** From the field the arrows go through the rows and what was found. */
  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.altKey || !this.#words) return;
    const stops = [this.#field, ...this.closest(".places").querySelectorAll("a.place")].filter((stop) => stop.checkVisibility());
    const at = stops.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    stops[at + step]?.focus();
  }

  #open(event) {
    const first = !event.defaultPrevented && this.#words && this.querySelector("a.place");
    if (!first) return;
    event.preventDefault();
    location.assign(first.href);
  }
}

customElements.define("place-search", PlaceSearch);
