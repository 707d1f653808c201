/** What was written and not yet sent, per conversation: on the server for every device, here until it got there. */

import { debounced, me, post } from "./page.js";

const PREFIX = "chatter:draft:";
const QUIET = 1000;

export class Draft {
  #key;
  #url;
  #said;
  #save = debounced(() => this.#toServer(), QUIET);

  /** `onchange(text)` is called when another tab of mine writes in the same conversation. */
  constructor(conversation, text, onchange) {
    this.#key = `${PREFIX}${me.id}:${conversation}`;
    this.#url = `/c/${conversation}/draft/`;
    this.#said = text;
    this.text = localStorage.getItem(this.#key) ?? text;
    if (this.text !== text) this.#save();
    addEventListener("pagehide", () => this.#save.now());
    addEventListener("storage", ({ key, newValue }) => {
      if (key !== this.#key || newValue === null) return;
      this.text = this.#said = newValue;
      onchange(newValue);
    });
  }

  keep(text) {
    this.text = text;
    try {
      localStorage.setItem(this.#key, text);
    } catch {
      // Full or forbidden: the server still gets it.
    }
    this.#save();
  }

  async #toServer() {
    const { text } = this;
    try {
      if (text !== this.#said) await post(this.#url, { text }, { keepalive: true });
    } catch {
      return; // It stays here, and goes with the next change or the next visit.
    }
    this.#said = text;
    this.#forget(text);
  }

  /** The server has it: this copy would only grow old. */
  #forget(text) {
    if (localStorage.getItem(this.#key) === text) localStorage.removeItem(this.#key);
  }
}

/** I leave this device: what I wrote and did not send is for nobody else. */
export function forgetWriting() {
  for (const store of [localStorage, sessionStorage])
    for (const key of Object.keys(store)) if (key.startsWith(PREFIX) || key.startsWith("chatter:outbox:")) store.removeItem(key);
}
