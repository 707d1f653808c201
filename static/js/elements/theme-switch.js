/** <theme-switch>: light, dark or like the system; kept in a cookie so that the server draws the page right at once. */

const YEAR = 31_536_000;

class ThemeSwitch extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("[data-theme-choice]");
      if (!button) return;
      event.preventDefault();
      choose(button.dataset.themeChoice);
    });
  }
}

function choose(choice) {
  const system = choice === "system";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `theme=${system ? "" : choice}; path=/; max-age=${system ? 0 : YEAR}; samesite=lax${secure}`;
  if (system) delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  for (const button of document.querySelectorAll("[data-theme-choice]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
}

customElements.define("theme-switch", ThemeSwitch);
