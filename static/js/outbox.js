/**
 * Messages on their way: kept until the server has acknowledged them, sent again under the same client id after every
 * reconnect and reload, so that none is lost and none is doubled.
 */

import { me } from "./page.js";
import { socket } from "./socket.js";

const KEY = `chatter:outbox:${me.id}`;
const AT_ONCE = 16; // the server takes 32 unanswered sends a socket
const PATIENT_TRIES = 5;

/** Dispatches `added` (entry), `sent` ({entry, ok}) and `failed` ({entry, refusal}). An entry: client_id, conversation, content,
 * reply_to, quote, created_at, and `failed` (the reason) once it was refused. */
class Outbox extends EventTarget {
  #entries = new Map(restore());
  #flying = new Set();
  #pause = null;
  #atOnce = AT_ONCE;

  start() {
    socket.addEventListener("hello", () => this.#flush());
    this.#flush();
  }

  of(conversation) {
    return [...this.#entries.values()].filter((entry) => entry.conversation === conversation);
  }

  add(entry) {
    this.#entries.set(entry.client_id, entry);
    this.#keep();
    this.dispatchEvent(new CustomEvent("added", { detail: entry }));
    this.#flush();
  }

  has(clientId) {
    return this.#entries.has(clientId);
  }

  retry(clientId) {
    const entry = this.#entries.get(clientId);
    if (!entry) return;
    delete entry.failed;
    entry.tries = 0;
    this.#keep();
    this.#flush();
  }

  /** Give a message up; returns it. */
  discard(clientId) {
    const entry = this.#entries.get(clientId);
    this.#entries.delete(clientId);
    this.#keep();
    return entry;
  }

  #flush() {
    if (!socket.ready || this.#pause) return;
    for (const entry of this.#entries.values()) {
      if (this.#flying.size >= this.#atOnce) return;
      if (!entry.failed && !this.#flying.has(entry)) this.#send(entry);
    }
  }

  async #send(entry) {
    const { client_id, conversation, content, reply_to } = entry;
    this.#flying.add(entry);
    try {
      const fields = { client_id, conversation, content, ...(reply_to && { reply_to }) };
      const ok = await socket.request("message.send", fields);
      this.#entries.delete(client_id);
      if (!this.#entries.size) this.#atOnce = AT_ONCE;
      this.dispatchEvent(new CustomEvent("sent", { detail: { entry, ok } }));
    } catch (refusal) {
      this.#refused(entry, refusal);
    } finally {
      this.#flying.delete(entry);
    }
    this.#keep();
    this.#flush();
  }

  #refused(entry, refusal) {
    if (refusal.code === "disconnected") return;
    entry.tries = (entry.tries ?? 0) + 1;
    if (refusal.code === "rate_limited" && entry.tries <= PATIENT_TRIES) return this.#wait(refusal.retryAfter);
    entry.failed = refusal.message;
    this.dispatchEvent(new CustomEvent("failed", { detail: { entry, refusal } }));
  }

  /** Everything waits, and then goes one by one: what was written later does not arrive earlier. */
  #wait(seconds) {
    this.#atOnce = 1;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#flush();
    }, Math.max(1, seconds ?? 1) * 1000);
  }

  #keep() {
    const entries = [...this.#entries.values()].map(({ tries, ...entry }) => entry);
    try {
      sessionStorage.setItem(KEY, JSON.stringify(entries));
    } catch {
      // Storage may be full or forbidden; then a reload forgets what was not acknowledged.
    }
  }
}

function restore() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "[]").map((entry) => [entry.client_id, entry]);
  } catch {
    return [];
  }
}

export const outbox = new Outbox();
