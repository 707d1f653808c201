/** <jump-to-date>: no day after today can be asked for; the form itself is an ordinary link into the past. */

import { dayOf } from "../time.js";

class JumpToDate extends HTMLElement {
  connectedCallback() {
    const input = this.querySelector('input[type="date"]');
    if (input) input.max = dayOf(new Date());
  }
}

customElements.define("jump-to-date", JumpToDate);
