/** <person-card>: who somebody is, beside their name: pointed at for a moment, reached by Tab, or held with a finger. */

import { on, pageAt } from "../page.js";
import { keepInside } from "../place-beside.js";
import { socket } from "../socket.js";

const POINTED = 450;
const FOCUSED = 700;
const HELD = 500;
const LINGER = 250;
const FRESH = 60_000;
const KEPT = 50;
const NAME = /^\/people\/([A-Za-z0-9_-]{1,50})\/$/;

class PersonCard extends HTMLElement {
  #anchor = null;
  #timer = null;
  #known = new Map();
  #heldAt = 0;

  connectedCallback() {
    this.popover = "manual";
    this.setAttribute("role", "dialog");
    document.addEventListener("pointerover", (event) => this.#pointed(event));
    document.addEventListener("pointerout", (event) => this.#left(event));
    document.addEventListener("focusin", ({ target }) => this.#focused(target));
    document.addEventListener("keydown", (event) => this.#key(event), true);
    document.addEventListener("pointerdown", (event) => this.#pressed(event), true);
    for (const end of ["pointerup", "pointercancel", "pointermove"]) document.addEventListener(end, (event) => this.#released(event));
    // The press that opened it is no click on the name, and opens no menu of the browser's.
    for (const after of ["click", "contextmenu"]) document.addEventListener(after, (event) => this.#afterHolding(event), true);
    document.addEventListener("scroll", ({ target }) => !this.contains(target) && this.close(), true);
    document.addEventListener("submit", ({ target }) => this.contains(target) && this.#known.clear());
    on("release", () => this.close());
    on("presence", () => this.#known.clear());
    socket.addEventListener("group.changed", () => this.#known.clear());
  }

  get open() {
    return this.matches(":popover-open");
  }

  close() {
    clearTimeout(this.#timer);
    if (!this.open) return;
    const inside = this.contains(document.activeElement);
    this.hidePopover();
    if (inside) this.#anchor?.link.focus();
    this.#anchor = null;
  }

  #soon(action, delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, delay);
  }

  #pointed({ target, pointerType }) {
    if (pointerType === "touch") return;
    if (this.contains(target)) return clearTimeout(this.#timer);
    const anchor = anchorOf(target);
    if (!anchor) return;
    if (this.open && anchor.username === this.#anchor?.username) return clearTimeout(this.#timer);
    this.#soon(() => this.#show(anchor), POINTED);
  }

  #left({ target, pointerType }) {
    if (pointerType === "touch" || !(this.contains(target) || anchorOf(target))) return;
    this.#soon(() => !this.contains(document.activeElement) && this.close(), LINGER);
  }

  /** Whoever tabs to a name sees the card; Tab goes on into it. */
  #focused(target) {
    if (this.contains(target)) return clearTimeout(this.#timer);
    const anchor = target.matches?.("a:focus-visible") && anchorOf(target);
    if (anchor) this.#soon(() => document.activeElement === target && this.#show(anchor), FOCUSED);
    else if (this.open && target.matches?.(":focus-visible")) this.#soon(() => this.close(), LINGER);
  }

  #key(event) {
    if (event.key === "Escape" && this.open) {
      event.preventDefault();
      event.stopPropagation();
      return this.close();
    }
    if (event.key === "Tab" && this.open) this.#tab(event);
  }

  /** The card lies at the end of the page; for Tab it lies behind the name it is about. */
  #tab(event) {
    const stops = [...this.querySelectorAll("a[href], button:not([hidden])")];
    const at = stops.indexOf(document.activeElement);
    const { link } = this.#anchor;
    if (document.activeElement === link && !event.shiftKey) stops[0]?.focus();
    else if (at === 0 && event.shiftKey) link.focus();
    else if (at >= 0 && at === stops.length - 1 && !event.shiftKey) return link.focus();
    else return;
    event.preventDefault();
  }

  #pressed(event) {
    if (!this.contains(event.target) && this.open) this.close();
    const anchor = event.pointerType === "touch" && anchorOf(event.target);
    if (!anchor) return;
    this.#soon(() => {
      this.#heldAt = event.timeStamp;
      this.#show(anchor);
    }, HELD);
  }

  #released({ type, pointerType, movementX = 0, movementY = 0 }) {
    if (pointerType !== "touch" || this.open) return;
    if (type !== "pointermove" || Math.abs(movementX) + Math.abs(movementY) > 4) clearTimeout(this.#timer);
  }

  #afterHolding(event) {
    if (!this.#heldAt || this.contains(event.target)) return;
    if (event.type === "click") this.#heldAt = 0;
    if (anchorOf(event.target)) event.preventDefault(), event.stopPropagation();
  }

  async #show(anchor) {
    this.#anchor = anchor;
    const body = await this.#read(anchor.username).catch(() => null);
    if (!body || this.#anchor !== anchor || !anchor.beside.isConnected) return;
    this.replaceChildren(body.cloneNode(true));
    for (const field of this.querySelectorAll('input[name="next"]')) field.value = location.pathname + location.search;
    this.ariaLabel = this.querySelector(".person-card__name")?.textContent ?? "";
    if (!this.open) this.showPopover();
    keepInside(this, anchor.beside);
  }

  async #read(username) {
    const known = this.#known.get(username);
    if (known && Date.now() - known.at < FRESH) return known.body;
    // In a group it says what they are there.
    const { group } = document.querySelector("conversation-list")?.dataset ?? {};
    const body = (await pageAt(`/people/${username}/card/${group ? `?group=${group}` : ""}`, "card")).querySelector(".person-card__body");
    if (this.#known.size >= KEPT) this.#known.clear();
    this.#known.set(username, { at: Date.now(), body });
    return body;
  }
}

/** {username, link, beside}: the link to a person that `target` lies in, or whose face it is. */
function anchorOf(target) {
  const face = target.closest?.(".message > .avatar");
  const link = face ? face.parentElement.querySelector("a.message__sender") : target.closest?.("a[href^='/people/']");
  if (!link || link.closest("person-card, .profile, nav, .menu")) return null;
  const username = NAME.exec(new URL(link.href).pathname)?.[1];
  return username ? { username, link, beside: face ?? link } : null;
}

customElements.define("person-card", PersonCard);
