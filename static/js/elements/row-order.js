/** <row-order>: rows in an order of their own (roles, rules, flairs). They are dragged by their grip, or moved by their buttons, and the
    page stays. `data-name` is what the form calls a row; with several on a page each has an id. */

import { fragment, say, word } from "../page.js";
import { toast } from "./toast-region.js";

// So near to an edge of what scrolls, it scrolls along.
const EDGE = 56;
const STEP = 12;

class RowOrder extends HTMLElement {
  #row = null;
  #before = null;
  #y = 0;

  get #name() {
    return this.dataset.name ?? "role";
  }

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#stepped(event));
    this.addEventListener("pointerdown", (event) => this.#grabbed(event));
    this.addEventListener("pointermove", (event) => this.#row && this.#follow(event.clientY));
    this.addEventListener("pointerup", () => this.#dropped());
    this.addEventListener("pointercancel", () => this.#giveUp());
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.#giveUp());
  }

  /** One of the buttons: the same deed as without scripts, and the same button has the focus after it. */
  async #stepped(event) {
    event.preventDefault();
    const { name, value } = event.submitter ?? {};
    if (!name || !(await this.#send({ [name]: value }))) return;
    const row = this.#rowOf(value);
    const button = row?.querySelector(`button[name="${name}"]:enabled`) ?? row?.querySelector("button:enabled");
    button?.focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  #grabbed(event) {
    const grip = event.target.closest?.(".role__grip");
    const row = grip?.closest("[data-movable]");
    if (!row || event.button !== 0 || this.#row) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    this.#row = row;
    this.#before = below(row);
    this.#y = event.clientY;
    row.classList.add("role--dragged");
    row.parentElement.classList.add("roles--moving");
    this.#scroll();
  }

  /** The others make room: the row itself stays in the document, so that it keeps the pointer. */
  #follow(y) {
    this.#y = y;
    const row = this.#row;
    for (let next = below(row); next && y > middle(next); next = below(row)) row.before(next);
    for (let last = above(row); last && y < middle(last); last = above(row)) row.after(last);
  }

  #scroll() {
    const scroller = this.closest(".talk__scroll");
    if (!this.#row || !scroller) return;
    const { top, bottom } = scroller.getBoundingClientRect();
    const way = this.#y < top + EDGE ? -STEP : this.#y > bottom - EDGE ? STEP : 0;
    if (way) {
      scroller.scrollBy(0, way);
      this.#follow(this.#y);
    }
    requestAnimationFrame(() => this.#scroll());
  }

  async #dropped() {
    const row = this.#release();
    if (!row || below(row) === this.#before) return;
    await this.#send({ [this.#name]: row.dataset.role, over: below(row)?.dataset.role ?? "" });
  }

  #giveUp() {
    if (this.#release()) this.#refresh();
  }

  #release() {
    const row = this.#row;
    this.#row = null;
    row?.classList.remove("role--dragged");
    row?.parentElement.classList.remove("roles--moving");
    return row;
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
    if (answer?.ok) this.#tell(wish[this.#name] ?? wish.up ?? wish.down);
    return Boolean(answer?.ok);
  }

  #tell(key) {
    const rows = [...this.querySelectorAll("[data-role]")];
    const row = this.#rowOf(key);
    const name = row?.querySelector(".role__name").textContent ?? "";
    if (row) say(word("role_moved", { name, place: rows.indexOf(row) + 1, all: rows.length }));
  }

  #rowOf(key) {
    return this.querySelector(`[data-role="${CSS.escape(key)}"]`);
  }

  async #refresh() {
    try {
      this.replaceChildren(...(await fragment(location.pathname, this.id ? `#${this.id}` : "row-order", `${this.#name}s`)).childNodes);
    } catch {
      // What is shown may be a little old; the next move asks again.
    }
  }
}

const movable = (row) => (row && "movable" in row.dataset ? row : null);
const below = (row) => movable(row.nextElementSibling);
const above = (row) => movable(row.previousElementSibling);

function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

customElements.define("row-order", RowOrder);
