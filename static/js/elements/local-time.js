/** <local-time datetime="…" data-format="time|date|datetime|relative">: a time where the reader is. */

import { on } from "../page.js";
import { timeText } from "../time.js";

const MINUTE = 60_000;

class LocalTime extends HTMLElement {
  #timer = null;

  connectedCallback() {
    this.show();
    if (this.dataset.format === "relative") this.#timer = setInterval(() => this.show(), MINUTE);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  show() {
    const date = new Date(this.getAttribute("datetime"));
    if (Number.isNaN(date.getTime())) return;
    this.textContent = timeText(date, this.dataset.format || "datetime");
    this.title = timeText(date, "full");
  }
}

on("clock", () => document.querySelectorAll("local-time").forEach((time) => time.show()));
customElements.define("local-time", LocalTime);
