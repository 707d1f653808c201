/** <settings-form>: what is changed is saved at once, in the order of the changes; looks (`data-looks`) are seen at once. */

import { emit, on, word } from "../page.js";
import { changeClock } from "../time.js";
import { showTheme } from "./theme-switch.js";

class SettingsForm extends HTMLElement {
  #form;
  #saving = Promise.resolve();

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#form.addEventListener("change", (event) => this.#changed(event.target));
    if (!("looks" in this.dataset)) return;
    this.#offerZone();
    on("theme", ({ choice }) => (this.#form.elements.theme.value = choice));
  }

  #changed(field) {
    if ("looks" in this.dataset) this.#look();
    this.#saving = this.#saving.then(() => this.#save(field));
  }

  async #save(field) {
    this.#say("");
    const headers = { Accept: "application/json" };
    const options = { method: "POST", body: new URLSearchParams(new FormData(this.#form)), headers };
    try {
      const answer = await fetch(this.#form.action, options);
      field.toggleAttribute("data-refused", !answer.ok);
      if (!answer.ok) return this.#say((await answer.json()).error?.message ?? word("not_saved"));
      if (field.name === "language") return location.reload();
      this.#say(word("saved"));
    } catch {
      this.#say(word("not_saved"));
    }
  }

  #say(text) {
    this.querySelector("[data-saving]").textContent = text;
  }

  /** Show the page as the form now says. */
  #look() {
    const { theme, density, clock, time_zone: zone, send_on_enter: enter } = this.#form.elements;
    const root = document.documentElement;
    showTheme(theme.value);
    put(root, "density", density.value === "compact" ? "compact" : "");
    put(root, "clock", clock.value === "auto" ? "" : clock.value);
    put(root, "timeZone", zone.value);
    root.toggleAttribute("data-enter-breaks", !enter.checked);
    changeClock();
    emit("clock");
  }

  /** Where another zone stands in the field: the one of this browser, at a click. */
  #offerZone() {
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const field = this.#form.elements.time_zone;
    const button = this.querySelector("[data-here]");
    const show = () => (button.hidden = !here || !field.value || field.value === here);
    field.placeholder = here ?? "";
    button.textContent = word("zone_here", { zone: here });
    button.addEventListener("click", () => {
      field.value = here;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    });
    this.#form.addEventListener("change", show);
    show();
  }
}

function put(element, name, value) {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}

customElements.define("settings-form", SettingsForm);
