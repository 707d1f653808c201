/** Sent, delivered, read: said once, under my last message, where the room is small enough for receipts. */

import { element, idOf, me, word } from "../page.js";
import { socket } from "../socket.js";
import { isMine } from "./article.js";

const TELL_EVERY = 1000;

export class Receipts {
  #list;
  #shown;
  #people = new Map();
  #delivered = 0;
  #told = 0;
  #timer = null;

  constructor(list) {
    this.#list = list;
    this.#shown = "receipts" in list.dataset;
    if (!this.#shown) return;
    for (const { dataset } of document.querySelectorAll("member-list [data-user-id][data-read]")) {
      const { userId, name, read, delivered } = dataset;
      if (userId !== me.id) this.#people.set(userId, { name, read: Number(read), delivered: Number(delivered) });
    }
    socket.addEventListener("receipt", ({ detail }) => this.#receipt(detail));
  }

  #receipt({ conversation, user, number, kind }) {
    if (conversation && conversation !== this.#list.conversation) return;
    const id = idOf(user);
    const known = this.#people.get(id) ?? { name: user?.display_name ?? "", read: 0, delivered: 0 };
    if (kind === "read") known.read = Math.max(known.read, number);
    known.delivered = Math.max(known.delivered, number);
    this.#people.set(id, known);
    this.show();
  }

  /** A message of somebody else reached this page: tell them, at most once a second. */
  arrived(number) {
    this.#delivered = Math.max(this.#delivered, number);
    if (this.#shown && !this.#timer) this.#tell();
  }

  #tell() {
    if (this.#delivered <= this.#told || !socket.ready) return;
    this.#told = this.#delivered;
    socket.tell("delivered", { conversation: this.#list.conversation, number: this.#told });
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#tell();
    }, TELL_EVERY);
  }

  /** Write the state under my last message, and nowhere else. */
  show() {
    const old = this.#list.querySelector(".message__receipt");
    const last = this.#shown && this.#list.timeline.articles.findLast((article) => isMine(article) && !article.dataset.deleted);
    if (!last || !last.dataset.number || !this.#people.size) return old?.remove();
    const line = old ?? element('<p class="message__receipt"></p>');
    const { state, text, title } = this.#stateOf(Number(last.dataset.number));
    Object.assign(line, { textContent: text, title });
    line.dataset.state = state;
    if (line.parentElement !== last) this.#list.scroll.keep(() => last.append(line));
  }

  #stateOf(number) {
    const people = [...this.#people.values()];
    const readers = people.filter(({ read }) => read >= number).map(({ name }) => name);
    const title = readers.join(", ");
    if (readers.length && people.length === 1) return { state: "read", text: word("receipt_read"), title: "" };
    if (readers.length) return { state: "read", text: word("receipt_seen_by", { count: readers.length }), title };
    const arrived = people.some(({ delivered }) => delivered >= number);
    const state = arrived ? "delivered" : "sent";
    return { state, text: word(`receipt_${state}`), title: "" };
  }
}
