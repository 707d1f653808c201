/** <jump-to-date>: no day after today can be asked for, and a day begins where the reader's clock says so. */

import { dayOf, offsetAt } from "../time.js";

class JumpToDate extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector('input[type="date"]');
    if (!input) return;
    input.max = dayOf(new Date());
    this.querySelector("form").addEventListener("formdata", ({ formData }) =>
      formData.set("offset", offsetAt(input.value)),
    );
  }
}

customElements.define("jump-to-date", JumpToDate);
