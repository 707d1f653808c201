/** <connection-state>: says when the connection is gone, and for a moment when it is back. */

import { word } from "../page.js";
import { socket } from "../socket.js";

const PATIENCE = 1500; // a short interruption is nobody's business
const GOOD_NEWS = 2500;

class ConnectionState extends HTMLElement {
  #timer = null;

  connectedCallback() {
    socket.addEventListener("state", ({ detail }) => this.#changed(detail.state));
  }

  #changed(state) {
    if (state === "ended" || (state === "connecting" && !this.hidden)) return;
    clearTimeout(this.#timer);
    if (state === "offline") return this.#show("offline");
    if (state !== "ready") this.#timer = setTimeout(() => this.#show("reconnecting"), this.hidden ? PATIENCE : 0);
    else if (!this.hidden) {
      this.#show("back");
      this.#timer = setTimeout(() => (this.hidden = true), GOOD_NEWS);
    }
  }

  #show(state) {
    this.dataset.state = state;
    this.textContent = word(`connection_${state}`);
    this.hidden = false;
  }
}

customElements.define("connection-state", ConnectionState);
