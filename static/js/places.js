/** How far I have read in each of my conversations: from the page's rows at first, then from `hello` and all that follows. */

import { idOf, me, on } from "./page.js";
import { socket } from "./socket.js";

/** Dispatches `change` with the ids whose place changed. A place: {kind, parent, count, read, mentions, muted, receipts}. */
class Places extends EventTarget {
  #known = new Map();

  constructor() {
    super();
    socket.addEventListener("hello", ({ detail }) => this.#hello(detail));
    socket.addEventListener("conversation.activity", ({ detail }) => this.#activity(detail));
    socket.addEventListener("mention", ({ detail }) => this.#mention(detail));
    socket.addEventListener("read.changed", ({ detail }) => this.#read(detail.conversation, detail.last_read_number, detail.mention_count));
    socket.addEventListener("membership.removed", ({ detail }) => idOf(detail.user) === me.id && this.#forget(detail.conversation));
    on("message", ({ conversation, message }) => this.#message(conversation, message));
    on("read", ({ conversation, number, mentions }) => this.#read(conversation, number, mentions));
  }

  get(id) {
    return this.#known.get(id);
  }

  /** [unread messages, mentions among them]. */
  unread(id) {
    const { count = 0, read = 0, mentions = 0 } = this.#known.get(id) ?? {};
    const unread = Math.max(0, count - read);
    return [unread, unread ? mentions : 0];
  }

  /** What is unread in the channels of `group` that are not muted: [messages, mentions]. */
  inGroup(group) {
    return this.#sum((place) => place.parent === group);
  }

  /** What the tab says: all that is unread among few, in channels what calls me. */
  total() {
    return this.#sum((place) => !place.parent)[0] + this.#sum((place) => place.parent)[1];
  }

  #sum(chosen) {
    const sum = [0, 0];
    for (const [id, place] of this.#known) {
      if (place.muted || !chosen(place)) continue;
      this.unread(id).forEach((count, at) => (sum[at] += count));
    }
    return sum;
  }

  /** Rows that the page has just drawn: what is not known yet, and what grew meanwhile. */
  adopt(rows) {
    for (const { dataset } of rows) {
      const { conversation, kind, group } = dataset;
      const drawn = { kind, parent: group ?? null, muted: "muted" in dataset, receipts: "receipts" in dataset };
      const counts = { count: Number(dataset.count), read: Number(dataset.read), mentions: Number(dataset.mentions) };
      const known = this.#known.get(conversation);
      this.#known.set(conversation, known && known.count >= counts.count ? { ...known, ...drawn } : { ...drawn, ...counts });
    }
    this.#tell(rows.map(({ dataset }) => dataset.conversation));
  }

  #hello({ conversations, more }) {
    if (!more) this.#known.clear();
    for (const place of conversations) {
      const { id, kind, parent, message_count: count, last_read_number: read, mention_count: mentions, muted, receipts } = place;
      this.#known.set(id, { kind, parent: parent ?? null, count, read, mentions, muted, receipts });
    }
    this.#tell([...this.#known.keys()]);
  }

  #activity({ conversation, message_count: count, sender, parent }) {
    // Of what is new to me at least this message is unread.
    const known = this.#known.get(conversation) ?? { kind: parent ? "channel" : "", parent: parent ?? null, read: count - 1, mentions: 0 };
    const mine = idOf(sender) === me.id && { read: count, mentions: 0 };
    this.#set(conversation, { ...known, count, ...mine });
    if (known.receipts && !mine) socket.tell("delivered", { conversation, number: count });
  }

  /** A message of the open conversation came in full. */
  #message(conversation, message) {
    const known = this.#known.get(conversation);
    if (!known || message.number <= known.count) return;
    const mine = idOf(message.sender) === me.id && { read: message.number, mentions: 0 };
    this.#set(conversation, { ...known, count: message.number, ...mine });
  }

  /** An edit may call somebody in what they have read. */
  #mention({ conversation, number }) {
    const known = this.#known.get(conversation);
    if (known && number > known.read) this.#set(conversation, { ...known, mentions: known.mentions + 1 });
  }

  #read(conversation, read, mentions) {
    const known = this.#known.get(conversation);
    if (known) this.#set(conversation, { ...known, read, mentions: mentions ?? known.mentions });
  }

  #forget(conversation) {
    if (this.#known.delete(conversation)) this.#tell([conversation]);
  }

  #set(conversation, place) {
    this.#known.set(conversation, place);
    this.#tell([conversation]);
  }

  #tell(ids) {
    this.dispatchEvent(new CustomEvent("change", { detail: { ids: new Set(ids) } }));
  }
}

export const places = new Places();
