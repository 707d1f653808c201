/** <channel-order>: categories and channels in their order. A handle is dragged, or picked up with Enter and moved with the
    arrow keys; the buttons move one step. The server has the last word: the page shows what it says. */

import { middle, nearest, putBeside, scrollAlong, sibling } from "../moving.js";
import { fragment, say, word } from "../page.js";
import { socket } from "../socket.js";
import { toast } from "./toast-region.js";

const WAYS = { ArrowUp: -1, ArrowDown: 1 };

class ChannelOrder extends HTMLElement {
  #moved = null;
  #by = "";
  #y = 0;
  #before = "";

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#stepped(event));
    this.addEventListener("pointerdown", (event) => this.#grabbed(event));
    this.addEventListener("pointermove", (event) => this.#by === "pointer" && this.#follow(event.clientY));
    this.addEventListener("pointerup", () => this.#by === "pointer" && this.#drop());
    this.addEventListener("pointercancel", () => this.#giveUp());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("focusout", ({ target }) => this.#by === "keys" && target.matches(".order__grip") && this.#left());
    socket.addEventListener("group.changed", ({ detail }) => detail.group === this.dataset.group && !this.#moved && this.#refresh());
  }

  /** One of the buttons: the same deed as without scripts, and the same button has the focus after it. */
  async #stepped(event) {
    event.preventDefault();
    const step = event.submitter?.value;
    if (!step || !(await this.#send({ step }))) return;
    this.querySelector(`button[value="${CSS.escape(step)}"]`)?.focus();
    this.#tell(this.#place(step.split(":")[1]), "order_moved");
  }

  #grabbed(event) {
    const grip = event.target.closest?.(".order__grip");
    if (!grip || event.button !== 0 || this.#moved) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    this.#pick(grip, "pointer");
    this.#y = event.clientY;
    this.#scroll();
  }

  #key(event) {
    const grip = event.target.closest?.(".order__grip");
    if (event.key === "Escape" && this.#moved) return this.#giveUp(grip);
    if (!grip) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      if (this.#by === "keys") this.#drop(grip);
      else if (!this.#moved) this.#tell(this.#pick(grip, "keys"), "order_picked");
    } else if (this.#by === "keys" && event.key in WAYS) {
      event.preventDefault();
      this.#shift(WAYS[event.key], grip);
    }
  }

  #pick(grip, by) {
    this.#moved = grip.closest(".order__line") ?? grip.closest(".order__section");
    this.#by = by;
    this.#before = this.#order();
    this.#moved.classList.add("order__moved");
    this.querySelector(".order").classList.add("order--moving");
    return this.#moved;
  }

  /** One place on; a channel goes on into the next category. */
  #shift(way, grip) {
    const place = this.#moved;
    const beside = sibling(place, way);
    if (isSection(place)) {
      if (beside?.dataset.category) putBeside(place, beside, way);
    } else if (beside) putBeside(place, beside, way);
    else this.#enter(place, way);
    grip.focus();
    place.scrollIntoView({ block: "nearest" });
    this.#tell(place, "order_at");
  }

  #enter(line, way) {
    let section = sibling(line.closest(".order__section"), way);
    while (section && "hidden" in section.dataset) section = sibling(section, way);
    if (!section) return;
    const lines = section.querySelector(".order__lines");
    if (way > 0) lines.prepend(line);
    else lines.append(line);
  }

  /** The others make room: what is moved stays in the document, so that it keeps the pointer. */
  #follow(y) {
    this.#y = y;
    const place = this.#moved;
    const others = isSection(place) ? ".order__section:not([data-category=''])" : ".order__section:not([data-hidden])";
    const section = nearest([...this.querySelectorAll(others)], y);
    if (!section) return;
    if (isSection(place)) return section !== place && putBeside(place, section, y > middle(section) ? 1 : -1);
    const lines = section.querySelector(".order__lines");
    const below = [...lines.children].find((line) => line !== place && y < middle(line)) ?? null;
    if (place.parentElement !== lines || place.nextElementSibling !== below) lines.insertBefore(place, below);
  }

  #scroll() {
    if (this.#by !== "pointer") return;
    if (scrollAlong(this.closest(".talk__scroll"), this.#y)) this.#follow(this.#y);
    requestAnimationFrame(() => this.#scroll());
  }

  async #drop(grip) {
    const place = this.#release();
    const key = place.dataset.channel ?? place.dataset.category;
    if (this.#order() === this.#before) return this.#tell(place, "order_left");
    const done = await this.#send({ order: this.#order() });
    if (grip) this.#place(key)?.querySelector(".order__grip").focus();
    if (done) this.#tell(this.#place(key), "order_moved");
  }

  async #giveUp(grip) {
    const place = this.#release();
    if (!place) return;
    const key = place.dataset.channel ?? place.dataset.category;
    await this.#refresh();
    if (grip) this.#place(key)?.querySelector(".order__grip").focus();
    this.#tell(this.#place(key), "order_left");
  }

  /** The focus went elsewhere while something was held: it comes back to it within a moment when it is only moved. */
  #left() {
    setTimeout(() => this.#by === "keys" && !this.#moved.contains(document.activeElement) && this.#giveUp());
  }

  #release() {
    const place = this.#moved;
    this.#moved = null;
    this.#by = "";
    place?.classList.remove("order__moved");
    this.querySelector(".order").classList.remove("order--moving");
    return place;
  }

  #order() {
    const lines = (section) => [...section.querySelectorAll(".order__line")].map(({ dataset }) => dataset.channel);
    return JSON.stringify([...this.querySelectorAll(".order__section")].map((each) => [each.dataset.category || null, lines(each)]));
  }

  /** Ask for the move; then show the order as it is, whoever else moved something meanwhile. */
  async #send(wish) {
    const token = this.querySelector("[name=csrfmiddlewaretoken]").value;
    const body = new URLSearchParams({ ...wish, csrfmiddlewaretoken: token });
    const headers = { Accept: "application/json" };
    const answer = await fetch(this.dataset.url, { method: "POST", body, headers }).catch(() => null);
    const told = answer?.ok ? null : await answer?.json().catch(() => null);
    if (!answer?.ok) toast(told?.error?.message ?? word("went_wrong"), "bad");
    await this.#refresh();
    return Boolean(answer?.ok);
  }

  #place(key) {
    return this.querySelector(`[data-channel="${CSS.escape(key)}"], [data-category="${CSS.escape(key)}"]`);
  }

  #tell(place, label) {
    if (!place) return;
    const rows = [...place.parentElement.children].filter((row) => row.dataset.category !== "");
    const name = nameOf(place);
    const category = isSection(place) ? "" : nameOf(place.closest(".order__section"));
    const where = word(category ? "order_in" : "order_place", { category, place: rows.indexOf(place) + 1, all: rows.length });
    say(word(label, { name, where }));
  }

  async #refresh() {
    try {
      this.replaceChildren(...(await fragment(location.pathname, "channel-order", "channels")).childNodes);
    } catch {
      // What is shown may be a little old; the next move asks again.
    }
  }
}

const isSection = (place) => place.matches(".order__section");
const nameOf = (place) => place.querySelector(isSection(place) ? ".order__head .order__name" : ".order__name")?.textContent ?? "";

customElements.define("channel-order", ChannelOrder);
