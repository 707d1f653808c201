/** <theme-switch>: light, dark or like the system; drawn at once, kept for the person or, for strangers, in a cookie. */

import { emit, me, post } from "../page.js";
import { toastRefusal } from "./toast-region.js";

const YEAR = 31_536_000;

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-theme-choice]");
      if (!button) return;
      event.preventDefault();
      const choice = button.dataset.themeChoice;
      showTheme(choice);
      // Who leaves the page at once has chosen all the same.
      if (me.id) post(this.closest("form").action, { theme: choice }, { keepalive: true }).catch(toastRefusal);
    });
  }
}

/** Draw the page in that theme, say so wherever it is chosen, and keep it in this browser. */
export function showTheme(choice) {
  const system = choice === "system";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${system ? "" : choice}; path=/; max-age=${system ? 0 : YEAR}; samesite=lax${secure}`;
  if (system) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll("[data-theme-choice]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
  emit("theme", { choice });
}

customElements.define("theme-switch", ThemeSwitch);
