/** <slug-field>: suggests an address while a name is typed, and says whether the address can be had. Without it the form says so. */

import { debounced } from "../page.js";

class SlugField extends HTMLElement {
  #asked = 0;
  #soon = debounced(() => this.#ask(), 250);

  connectedCallback() {
    this.slug = this.querySelector('input[name="slug"]');
    this.label = this.querySelector('input[name="name"]');
    this.words = this.querySelector("[data-words]");
    this.own = this.slug.value !== "";
    this.slug.addEventListener("input", () => {
      this.own = this.slug.value !== "";
      this.#soon();
    });
    this.label?.addEventListener("input", () => this.own || this.#soon());
  }

  async #ask() {
    const asked = ++this.#asked;
    const typed = this.own ? { slug: this.slug.value } : { name: this.label?.value ?? "" };
    if (this.slug.value.trim() === this.dataset.present) return this.#show({});
    const answer = await fetch(`${this.dataset.url}?${new URLSearchParams(typed)}`).catch(() => null);
    // The answer to what was typed before comes too late.
    if (!answer?.ok || asked !== this.#asked) return;
    const told = await answer.json();
    if (!this.own) this.slug.value = told.slug;
    this.#show(told);
  }

  #show({ slug, free, words }) {
    this.dataset.is = slug ? (free ? "free" : "taken") : "";
    this.words.textContent = words || (slug && free ? `f/${slug} ✓` : "");
  }
}

customElements.define("slug-field", SlugField);
