/** <conversation-list>: the side bar, kept true: what is unread, the last words, the order; and the tab that shows it. */

import { keepCategories, openCategories } from "../categories.js";
import { Counted } from "../counted.js";
import { isHidden } from "../folding.js";
import { idOf, me, on, word } from "../page.js";
import { places } from "../places.js";
import { readSideAgain } from "../side.js";
import { socket } from "../socket.js";
import { textOf } from "../messages/article.js";

class ConversationList extends HTMLElement {
  #counted = new Counted();
  // What was asked for and is not in this list: it is not asked for again.
  #missed = new Set();
  #open = document.querySelector("message-list")?.dataset.conversation;

  connectedCallback() {
    keepCategories(this);
    places.addEventListener("change", ({ detail }) => this.#show(detail.ids));
    socket.addEventListener("hello", ({ detail }) => this.#hello(detail));
    socket.addEventListener("conversation.activity", ({ detail }) => this.#activity(detail));
    socket.addEventListener("conversation.changed", ({ detail }) => this.#changed(detail));
    socket.addEventListener("membership.added", ({ detail }) => idOf(detail.user) === me.id && this.#want(detail.conversation));
    socket.addEventListener("membership.removed", ({ detail }) => idOf(detail.user) === me.id && this.#drop(detail.conversation));
    for (const name of ["message.edited", "message.deleted"])
      socket.addEventListener(name, ({ detail }) => this.#reword(detail));
    on("message", ({ conversation, message, article }) => this.#message(conversation, message, article));
    on("renamed", (detail) => this.#changed(detail));
    on("side", ({ page }) => this.#replace(page));
    this.#filter(document.getElementById("search"));
    places.adopt(this.rows);
  }

  get rows() {
    return [...this.querySelectorAll("a.place[data-conversation]")];
  }

  #drop(conversation) {
    const row = this.#row(conversation);
    if (row) itemOf(row).remove();
  }

  #row(conversation) {
    return this.querySelector(`a.place[data-conversation="${CSS.escape(conversation)}"]`);
  }

  /** Does this list show such places: the channels of its group, or all that are no channels? */
  #lists({ kind, parent }) {
    return this.dataset.group ? parent === this.dataset.group : kind !== "channel";
  }

  #show(ids) {
    for (const row of this.rows) if (ids.has(row.dataset.conversation)) this.#set(row);
    this.#counted.show(places.total());
  }

  /** Show what is known of a row's place. */
  #set(row) {
    const place = places.get(row.dataset.conversation);
    const badge = row.querySelector(".badge");
    if (!place || !badge) return;
    const [unread, mentions] = places.unread(row.dataset.conversation);
    row.toggleAttribute("data-muted", place.muted);
    row.classList.toggle("place--unread", unread > 0);
    badge.hidden = unread === 0;
    badge.classList.toggle("badge--mention", mentions > 0 || row.dataset.kind === "direct");
    const count = mentions || unread;
    badge.textContent = count > 99 ? "99+" : String(count);
    badge.setAttribute("role", "img");
    badge.ariaLabel = word(mentions ? "mention_count" : "unread_count", { count });
  }

  #hello({ conversations }) {
    for (const place of conversations) {
      const row = this.#row(place.id);
      if (!row) this.#lists(place) && this.#want(place.id);
      // Its last words are others by now.
      else if (place.message_count > Number(row.dataset.count) && place.id !== this.#open && place.kind !== "channel") readSideAgain();
      if (row) row.dataset.count = place.message_count;
    }
  }

  #activity({ conversation, message_count: count, preview, sender }) {
    const row = this.#row(conversation);
    if (!row) return this.#lists(places.get(conversation) ?? {}) && this.#want(conversation);
    row.dataset.count = count;
    this.#say(row, preview, sender);
  }

  /** A message of the open conversation came in full. */
  #message(conversation, message, article) {
    const row = this.#row(conversation);
    if (!row || message.number <= Number(row.dataset.count)) return;
    row.dataset.count = message.number;
    if (!message.deleted_at) this.#say(row, (article ? textOf(article) : message.content).slice(0, 120), message.sender);
  }

  #say(row, preview, sender) {
    // Channels stand where their group puts them.
    if (row.dataset.kind === "channel") return;
    this.#word(row, preview, sender);
    const item = itemOf(row);
    if (item.parentElement.firstElementChild !== item) item.parentElement.prepend(item);
  }

  /** The last words and whose they are; between two people the name stands above them already. */
  #word(row, preview, sender) {
    const line = row.querySelector(".place__preview");
    if (!line || !preview) return;
    if (isHidden(sender, row.dataset.kind)) return (line.textContent = word("blocked_message"));
    const name = idOf(sender) === me.id ? word("you") : row.dataset.kind !== "direct" && sender?.display_name;
    line.textContent = name ? `${name}: ${preview}` : preview;
  }

  /** The last words were changed or taken back. */
  #reword({ conversation, message, preview }) {
    const row = this.#row(conversation);
    if (row && typeof preview === "string") this.#word(row, preview || word("deleted"), message.sender);
  }

  #changed({ conversation, title, topic }) {
    const name = this.#row(conversation)?.querySelector(".place__name");
    if (name && title) name.textContent = title;
    if (conversation !== this.#open) return;
    if (title) this.#counted.rename(this.dataset.group ? `#${title}` : title), renameField(title);
    const head = { "[data-conversation-title]": title, "[data-conversation-topic]": topic };
    for (const [selector, text] of Object.entries(head))
      if (typeof text === "string") document.querySelectorAll(selector).forEach((part) => (part.textContent = text));
    this.#counted.show(places.total());
  }

  /** Something is there that this list may not know how to draw: the page does. */
  #want(conversation) {
    if (this.#row(conversation) || this.#missed.has(conversation)) return;
    this.#missed.add(conversation);
    readSideAgain();
  }

  /** The side bar as the page draws it now; in a group its head too. */
  #replace(page) {
    const fresh = page.querySelector("conversation-list");
    if (!fresh || fresh.dataset.group !== this.dataset.group) return;
    this.replaceChildren(...document.adoptNode(fresh).childNodes);
    keepCategories(this);
    for (const row of this.rows) this.#missed.delete(row.dataset.conversation);
    places.adopt(this.rows);
    for (const selector of [".bar--group", "#group-menu:not(:popover-open)"]) {
      const part = page.querySelector(selector.split(":")[0]);
      if (part) document.querySelector(selector)?.replaceWith(document.adoptNode(part));
    }
  }

  /** What is typed into the search field narrows the rows; Enter opens the first. */
  #filter(field) {
    if (!field) return;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase();
      openCategories(this, wanted !== "");
      for (const row of this.rows)
        itemOf(row).hidden = !row.querySelector(".place__name").textContent.toLocaleLowerCase().includes(wanted);
    });
    field.form?.addEventListener("submit", (event) => {
      const first = field.value.trim() && this.rows.find((row) => !itemOf(row).hidden);
      if (!first) return;
      event.preventDefault();
      location.assign(first.href);
    });
  }
}

/** The field says where it writes to. */
function renameField(title) {
  const field = document.querySelector(".talk message-composer textarea");
  const old = document.querySelector("[data-conversation-title]")?.textContent.trim();
  if (!field || !old) return;
  field.placeholder = field.placeholder.replace(old, () => title);
  field.ariaLabel = field.ariaLabel?.replace(old, () => title);
}

const itemOf = (row) => row.closest("li") ?? row;

customElements.define("conversation-list", ConversationList);
