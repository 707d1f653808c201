/**
 * <wallet-button>: asks the wallet of this browser (`window.ethereum`, EIP-1193) to sign the message at `data-offer`, and
 * sends it with the form inside. Shown only where there is a wallet.
 */

import { say } from "../page.js";

const REJECTED = 4001;

class WalletButton extends HTMLElement {
  #form;
  #status;
  #signed = false;

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#status = this.querySelector(".wallet__status");
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    if (window.ethereum) this.hidden = false;
    else addEventListener("ethereum#initialized", () => (this.hidden = !window.ethereum), { once: true });
  }

  #submit(event) {
    if (this.#signed) return;
    event.preventDefault();
    if (this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    this.#tell(this.dataset.waiting);
    this.#sign()
      .catch((error) => this.#tell(error.refusal ?? (error.code === REJECTED ? this.dataset.declined : this.dataset.failed)))
      .finally(() => this.removeAttribute("aria-busy"));
  }

  async #sign() {
    const wallet = window.ethereum;
    const [address] = await wallet.request({ method: "eth_requestAccounts" });
    const chain = await wallet.request({ method: "eth_chainId" });
    const message = await this.#offer(address, Number.parseInt(chain, 16));
    if (message === null) return;
    this.#form.elements.signature.value = await wallet.request({ method: "personal_sign", params: [hex(message), address] });
    this.#form.elements.message.value = message;
    this.#signed = true;
    this.#form.requestSubmit();
  }

  /** The message to sign; null when the page is left to confirm first that it is the person. */
  async #offer(address, chain) {
    const fields = { address, chain_id: chain, csrfmiddlewaretoken: this.#form.elements.csrfmiddlewaretoken.value };
    const response = await fetch(this.dataset.offer, {
      method: "POST", body: new URLSearchParams(fields), headers: { Accept: "application/json" },
    });
    const answer = await response.json();
    if (response.ok) return answer.message;
    if (!answer.url) throw Object.assign(new Error("refused"), { refusal: answer.error?.message });
    location.assign(answer.url);
    return null;
  }

  #tell(text) {
    this.#status.textContent = text;
    say(text);
  }
}

/** The text as wallets take it: the bytes of its UTF-8 in hexadecimal. */
function hex(text) {
  return "0x" + Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

customElements.define("wallet-button", WalletButton);
