/** <conversation-list>: the side bar, kept true: what is unread, the last words, the order; and the tab that shows it. */

import { Counted } from "../counted.js";
import { isHidden } from "../folding.js";
import { fragment, idOf, me, on, word } from "../page.js";
import { socket } from "../socket.js";
import { textOf } from "../messages/article.js";

class ConversationList extends HTMLElement {
  #counted = new Counted();
  #reading = null;

  connectedCallback() {
    this.#open = document.querySelector("message-list")?.dataset.conversation;
    socket.addEventListener("hello", ({ detail }) => this.#hello(detail));
    socket.addEventListener("conversation.activity", ({ detail }) => this.#activity(detail));
    socket.addEventListener("mention", ({ detail }) => this.#mention(detail));
    socket.addEventListener("read.changed", ({ detail }) => this.#read(detail.conversation, detail.last_read_number, detail.mention_count));
    socket.addEventListener("conversation.changed", ({ detail }) => this.#changed(detail));
    socket.addEventListener("membership.added", ({ detail }) => idOf(detail.user) === me.id && this.#refresh());
    socket.addEventListener("membership.removed", ({ detail }) => idOf(detail.user) === me.id && this.#drop(detail.conversation));
    for (const name of ["message.edited", "message.deleted"])
      socket.addEventListener(name, ({ detail }) => this.#reword(detail));
    on("message", ({ conversation, message, article }) => this.#message(conversation, message, article));
    on("renamed", (detail) => this.#changed(detail));
    on("read", ({ conversation, number, mentions }) => this.#read(conversation, number, mentions));
    this.#filter(document.getElementById("search"));
    this.#count();
  }

  #open;

  get rows() {
    return [...this.querySelectorAll("a.place[data-conversation]")];
  }

  #drop(conversation) {
    const row = this.#row(conversation);
    if (row) itemOf(row).remove();
    this.#count();
  }

  #row(conversation) {
    return this.querySelector(`a.place[data-conversation="${CSS.escape(conversation)}"]`);
  }

  /** Set what is known of a row and show it. */
  #set(row, facts) {
    Object.assign(row.dataset, facts);
    const unread = Math.max(0, Number(row.dataset.count) - Number(row.dataset.read));
    const mentions = unread ? Number(row.dataset.mentions) : 0;
    row.classList.toggle("place--unread", unread > 0);
    const badge = row.querySelector(".badge");
    if (!badge) return;
    badge.hidden = unread === 0;
    badge.classList.toggle("badge--mention", mentions > 0 || row.dataset.kind === "direct");
    const count = mentions || unread;
    badge.textContent = count > 99 ? "99+" : String(count);
    badge.setAttribute("role", "img");
    badge.ariaLabel = word(mentions ? "mention_count" : "unread_count", { count });
  }

  #count() {
    const unread = this.rows
      .filter((row) => !("muted" in row.dataset))
      .reduce((sum, { dataset }) => sum + Math.max(0, Number(dataset.count) - Number(dataset.read)), 0);
    this.#counted.show(unread);
  }

  #hello({ conversations }) {
    if (conversations.some(({ id }) => !this.#row(id))) this.#refresh();
    for (const place of conversations) {
      const row = this.#row(place.id);
      if (!row) continue;
      const grew = place.message_count > Number(row.dataset.count);
      this.#set(row, { count: place.message_count, read: place.last_read_number, mentions: place.mention_count });
      row.toggleAttribute("data-muted", place.muted);
      if (grew && place.id !== this.#open) this.#refresh();
    }
    this.#count();
  }

  #activity({ conversation, message_count: count, preview, sender }) {
    const row = this.#row(conversation);
    if (!row) return this.#refresh();
    const mine = idOf(sender) === me.id;
    this.#set(row, { count, ...(mine && { read: count, mentions: 0 }) });
    this.#say(row, preview, sender);
    if ("receipts" in row.dataset && !mine) socket.tell("delivered", { conversation, number: count });
    this.#count();
  }

  /** A message of the open conversation came in full. */
  #message(conversation, message, article) {
    const row = this.#row(conversation);
    if (!row || message.number <= Number(row.dataset.count)) return;
    const mine = idOf(message.sender) === me.id;
    this.#set(row, { count: message.number, ...(mine && { read: message.number, mentions: 0 }) });
    if (!message.deleted_at) this.#say(row, (article ? textOf(article) : message.content).slice(0, 120), message.sender);
    this.#count();
  }

  #say(row, preview, sender) {
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

  #mention({ conversation, number }) {
    const row = this.#row(conversation);
    // An edit may call somebody in what they have read.
    if (row && number > Number(row.dataset.read)) this.#set(row, { mentions: Number(row.dataset.mentions) + 1 });
  }

  #read(conversation, number, mentions) {
    const row = this.#row(conversation);
    if (!row) return;
    this.#set(row, { read: number, ...(mentions !== undefined && { mentions }) });
    this.#count();
  }

  #changed({ conversation, title, topic }) {
    const name = this.#row(conversation)?.querySelector(".place__name");
    if (name && title) name.textContent = title;
    if (conversation !== this.#open) return;
    if (title) this.#counted.rename(title), renameField(title);
    const head = { "[data-conversation-title]": title, "[data-conversation-topic]": topic };
    for (const [selector, text] of Object.entries(head))
      if (typeof text === "string") document.querySelectorAll(selector).forEach((part) => (part.textContent = text));
    this.#count();
  }

  /** Something new is there that this list does not know how to draw: the page does. */
  #refresh() {
    this.#reading ??= fragment(location.href, "conversation-list", "places")
      .then((fresh) => {
        this.replaceChildren(...fresh.childNodes);
        this.#count();
      })
      .catch(() => {})
      .finally(() => (this.#reading = null));
  }

  /** What is typed into the search field narrows the rows; Enter opens the first. */
  #filter(field) {
    if (!field) return;
    field.addEventListener("input", () => {
      const wanted = field.value.trim().toLocaleLowerCase();
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
