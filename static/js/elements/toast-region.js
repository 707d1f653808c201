/** <toast-region>: short answers of the page to what was just done; they leave by themselves. */

import { element, emit, on, word } from "../page.js";

const STAY = 6000;
const LATER = "chatter:toast";

class ToastRegion extends HTMLElement {
  connectedCallback() {
    for (const toast of this.querySelectorAll(".toast")) this.#finish(toast);
    on("toast", ({ text, kind }) => this.show(text, kind));
    const later = sessionStorage.getItem(LATER);
    sessionStorage.removeItem(LATER);
    // A live region speaks of what is added after it is known, so a word from the page before waits a moment.
    // The server may have said the same already.
    if (later && !this.querySelector(".toast")) setTimeout(() => this.show(later), 100);
  }

  show(text, kind) {
    const toast = element('<div class="toast"><span></span></div>');
    toast.classList.toggle("toast--bad", kind === "bad");
    toast.firstElementChild.textContent = text;
    this.#finish(toast);
    this.append(toast);
  }

  /** Give a toast its button and its end; whoever points at it or focuses it may go on reading. */
  #finish(toast) {
    const close = element('<button type="button" class="icon-button">×</button>');
    close.ariaLabel = word("close");
    close.addEventListener("click", () => toast.remove());
    toast.append(close);
    const leave = () => (toast.matches(":hover, :focus-within") ? setTimeout(leave, STAY) : toast.remove());
    setTimeout(leave, STAY);
  }
}

/** Say something at the edge of the page; `kind` "bad" for what went wrong. */
export function toast(text, kind = "") {
  emit("toast", { text, kind });
}

/** Say it on the page that comes next. */
export function toastLater(text) {
  sessionStorage.setItem(LATER, text);
}

/** Tell why a command was refused. */
export function toastRefusal(refusal) {
  const lost = refusal.code === "disconnected";
  toast(lost ? word("offline_try_again") : refusal.code ? refusal.message : word("went_wrong"), "bad");
}

customElements.define("toast-region", ToastRegion);
