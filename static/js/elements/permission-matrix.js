/** <permission-matrix>: the rights of one role or member in one place. Shows what is not saved yet, and saves only that. */

class PermissionMatrix extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    const [save, reset] = [form.querySelector(".button--primary"), form.querySelector("[type=reset]")];
    const show = () => {
      const rows = [...this.querySelectorAll(".matrix__row")];
      for (const row of rows) row.classList.toggle("matrix__row--changed", isChanged(row));
      const none = !rows.some(isChanged);
      save.disabled = reset.hidden = none;
    };
    form.addEventListener("change", show);
    // The fields have their first values again once the event is over.
    form.addEventListener("reset", () => setTimeout(show));
    // A page that comes back from the browser's memory may have what was chosen before.
    addEventListener("pageshow", show);
    show();
  }
}

const isChanged = (row) => [...row.querySelectorAll("input")].some(({ checked, defaultChecked }) => checked !== defaultChecked);

customElements.define("permission-matrix", PermissionMatrix);
