/**
 * The changes of one open conversation, each exactly once and in the order of their versions.
 *
 * Two servers may publish a moment out of order, so a hole is given 300 ms to fill; then, and after every reconnect,
 * `conversation.open` with the last version brings what is missing.
 */

const PATIENCE = 300;
const VERSIONED = [
  "message.created",
  "message.edited",
  "message.deleted",
  "message.pinned",
  "message.unpinned",
  "reactions.changed",
];

/** Dispatches `change` (an event of the protocol, or `{event: "message.state", message, html}` when catching up),
 * `reset` (the newest messages replace what I have), `caughtup` and `gone`. */
export class Feed extends EventTarget {
  #socket;
  #early = new Map();
  #known = 0;
  #timer = null;
  #asking = false;

  constructor(socket, conversation, version) {
    super();
    this.#socket = socket;
    this.conversation = conversation;
    this.version = version;
  }

  start() {
    for (const name of VERSIONED) this.#socket.addEventListener(name, ({ detail }) => this.#accept(detail));
    // It may be a change of its own or only say "you missed something": either way its version is a hint, no more.
    this.#socket.addEventListener("conversation.changed", ({ detail }) => {
      if (detail.conversation === this.conversation) this.hint(detail.version);
    });
    this.#socket.addEventListener("hello", () => this.catchUp());
    if (this.#socket.ready) this.catchUp();
  }

  /** Somebody who knows says the conversation is at `version`. */
  hint(version) {
    if (version > this.#known) this.#known = version;
    this.#settle();
  }

  #accept(event) {
    if (event.conversation !== this.conversation || event.version <= this.version) return;
    this.#early.set(event.version, event);
    this.hint(event.version);
  }

  #settle() {
    if (this.#asking) return;
    for (let next; (next = this.#early.get(this.version + 1)); ) {
      this.#early.delete(++this.version);
      this.#tell("change", next);
    }
    if (this.version >= this.#known) {
      clearTimeout(this.#timer);
      this.#timer = null;
    } else this.#timer ??= setTimeout(() => this.catchUp(), PATIENCE);
  }

  async catchUp() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#asking || !this.#socket.ready) return;
    this.#asking = true;
    try {
      while (await this.#ask());
      this.#tell("caughtup");
    } catch (refusal) {
      this.#refused(refusal);
    } finally {
      this.#asking = false;
    }
    for (const version of this.#early.keys()) if (version <= this.version) this.#early.delete(version);
    this.#known = Math.max(this.version, ...this.#early.keys());
    this.#settle();
  }

  async #ask() {
    const { conversation, version } = this;
    const reply = await this.#socket.request("conversation.open", { conversation, version });
    if (reply.reset) this.#tell("reset", reply.changes);
    else for (const change of reply.changes) this.#tell("change", { event: "message.state", ...change });
    const more = reply.more && reply.changes.length > 0;
    this.version = more ? Math.max(...reply.changes.map((change) => change.version)) : reply.version;
    return more && this.version !== version;
  }

  #refused({ code, retryAfter }) {
    if (code === "not_found") this.#tell("gone");
    else if (code !== "disconnected") this.#timer = setTimeout(() => this.catchUp(), (retryAfter ?? 2) * 1000);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
