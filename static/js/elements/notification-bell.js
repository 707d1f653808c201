/** <notification-bell>: how many notifications are unread, kept true; with `data-menu` the newest open beside it. */

import { pageAt, say, word } from "../page.js";
import { socket } from "../socket.js";

const MOST = 99;

class NotificationBell extends HTMLElement {
  #link;
  #menu = null;
  #stale = true;

  connectedCallback() {
    this.#link = this.querySelector("a");
    socket.addEventListener("notification.created", ({ detail }) => this.#changed(detail.unread_count));
    socket.addEventListener("notification.read", ({ detail }) => this.#changed(detail.unread_count));
    // What happened while the connection was away was told to nobody.
    let greeted = false;
    socket.addEventListener("hello", () => (greeted ? this.#ask().catch(() => {}) : (greeted = true)));
    if ("menu" in this.dataset && "popover" in this) this.#makeMenu();
  }

  #changed(count) {
    const badge = this.querySelector(".badge");
    badge.hidden = count === 0;
    badge.querySelector("[data-count]").textContent = count > MOST ? `${MOST}+` : String(count);
    this.#stale = true;
    if (this.#menu?.matches(":popover-open")) this.#fill().catch(() => {});
  }

  async #ask() {
    const answer = await fetch(this.#link.href, { headers: { Accept: "application/json" } });
    if (answer.ok) this.#changed((await answer.json()).unread_count);
  }

  /** The link stays one for a new tab; a plain click, Enter or Space opens the menu. */
  #makeMenu() {
    this.#menu = document.createElement("div");
    Object.assign(this.#menu, { className: "menu menu--rail menu--bell", id: "bell-menu", popover: "auto", role: "dialog" });
    this.#menu.ariaLabel = this.#link.title;
    this.append(this.#menu);
    const { ariaHasPopup, role } = { ariaHasPopup: "dialog", role: "button" };
    Object.assign(this.#link, { ariaHasPopup, role, ariaExpanded: "false" });
    this.#link.addEventListener("click", (event) => this.#clicked(event));
    this.#link.addEventListener("keydown", (event) => event.key === " " && (event.preventDefault(), this.#link.click()));
    this.#menu.addEventListener("toggle", ({ newState }) => (this.#link.ariaExpanded = String(newState === "open")));
    this.#menu.addEventListener("keydown", (event) => this.#walk(event));
    this.#menu.addEventListener("submit", (event) => this.#mark(event));
  }

  #clicked(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.#open().catch(() => location.assign(this.#link.href));
  }

  async #open() {
    if (this.#menu.matches(":popover-open")) return this.#menu.hidePopover();
    if (this.#stale) await this.#fill();
    this.#menu.showPopover({ source: this.#link });
    this.#menu.querySelector("a")?.focus();
  }

  async #fill() {
    const part = (await pageAt("/notifications/", "menu")).querySelector(".notifications__menu");
    if (!part) throw new Error("no menu of notifications");
    const position = this.#links.indexOf(document.activeElement);
    this.#menu.replaceChildren(document.adoptNode(part));
    this.#stale = false;
    if (position >= 0) (this.#links[position] ?? this.#links.at(-1))?.focus();
  }

  get #links() {
    return [...this.#menu.querySelectorAll("a")];
  }

  #walk(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const links = this.#links;
    const at = links.indexOf(document.activeElement);
    const next = { Home: 0, End: links.length - 1 }[event.key] ?? (event.key in steps ? at + steps[event.key] : null);
    if (next === null) return;
    event.preventDefault();
    links[(next + links.length) % links.length]?.focus();
  }

  async #mark(event) {
    event.preventDefault();
    const { action } = event.target;
    const body = new URLSearchParams(new FormData(event.target));
    const answer = await fetch(action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (!answer.ok) return location.assign(this.#link.href);
    this.#changed((await answer.json()).unread_count);
    say(word("notifications_read"));
  }
}

customElements.define("notification-bell", NotificationBell);
