/** Who is there: every dot on the page kept true, and whether I am here myself. */

import { emit, idOf, me, word } from "./page.js";
import { socket } from "./socket.js";

const IDLE_AFTER = 5 * 60_000;
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];

export function watchPresence() {
  socket.addEventListener("presence.changed", ({ detail }) => show(idOf(detail.user), detail.status, detail.text));
  socket.addEventListener("hello", () => me.id && show(me.id, document.body.dataset.chosen ?? "online"));
  new Inactivity().start();
}

/** Show a person's status wherever they are on the page. */
export function show(id, status, text = "") {
  const key = CSS.escape(id);
  for (const dot of document.querySelectorAll(`.presence[data-presence="${key}"]`)) dot.dataset.is = status;
  for (const row of document.querySelectorAll(`.person[data-user-id="${key}"]`)) {
    row.classList.toggle("person--away", status === "offline");
    const words = row.querySelector("small");
    if (words) words.textContent = text || word(status);
  }
  if (id === me.id) document.body.dataset.status = status;
  emit("presence", { id, status });
}

/** Nothing done for a while means idle, the first sign of life means back. A chosen status is left alone. */
class Inactivity {
  #timer = null;
  #idle = false;
  #last = 0;

  start() {
    for (const sign of SIGNS) addEventListener(sign, () => this.#alive(), { passive: true, capture: true });
    socket.addEventListener("hello", () => this.#idle && this.#tell());
    this.#alive();
  }

  #alive() {
    const now = Date.now();
    if (!this.#idle && now - this.#last < 1000) return;
    this.#last = now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#become(true), IDLE_AFTER);
    if (this.#idle) this.#become(false);
  }

  #become(idle) {
    this.#idle = idle;
    this.#tell();
  }

  #tell() {
    if (["dnd", "offline"].includes(document.body.dataset.chosen ?? document.body.dataset.status)) return;
    socket.tell("presence.set", { status: this.#idle ? "idle" : "online", automatic: true });
  }
}
