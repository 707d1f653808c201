/** <message-composer>: where one writes. Makes the client id, keeps the draft, says that I am typing. */

import { maySend } from "../calls.js";
import { Draft } from "../drafts.js";
import { outbox } from "../outbox.js";
import { emit, newId, on, word } from "../page.js";
import { socket } from "../socket.js";
import { autosize, lengthOf, showLength, submitsOn } from "../writing.js";

const TYPING_EVERY = 3000;

class MessageComposer extends HTMLElement {
  #form;
  #area;
  #draft = null;
  #reply = null;
  #typed = 0;
  #asking = false;

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#area = this.querySelector("textarea");
    if (!this.#area) return;
    this.#area.removeAttribute("required");
    this.#area.addEventListener("input", () => this.#changed());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.#form.addEventListener("submit", (event) => {
      // Without a list to show it in, the form goes its ordinary way.
      if (!document.querySelector("message-list")) return;
      event.preventDefault();
      this.#send();
    });
    this.#given();
    if (!this.#inThread) this.#lead();
    this.#look();
  }

  /** In a thread every message answers its first one; drafts and what other elements ask for are the talk's own. */
  get #inThread() {
    return "thread" in this.#form.elements;
  }

  #lead() {
    this.#draft = new Draft(this.dataset.conversation, this.#area.value, (text) => this.#fill(text));
    this.#fill(this.#draft.text);
    on("reply", (message) => this.#answer(message));
    on("compose", () => this.#area.focus());
    on("draft-back", ({ text }) => this.#takeBack(text));
    const keyboard = !matchMedia("(hover: none)").matches;
    if (keyboard && document.activeElement === document.body) this.#area.focus({ preventScroll: true });
  }

  /** What the page says is answered already: by its address, or because this is a thread. */
  #given() {
    const { reply_to: field, thread } = this.#form.elements;
    if (!field.value) return;
    const number = Number(thread?.value ?? new URLSearchParams(location.search).get("reply"));
    const part = (selector) => this.querySelector(`.composer__reply ${selector}`).textContent;
    this.#reply = { id: field.value, number, name: part("b"), preview: part(".composer__quote") };
  }

  #clicked(event) {
    if (!event.target.closest('[data-action="cancel-reply"]')) return;
    event.preventDefault();
    this.#answer(null);
    this.#area.focus();
  }

  #fill(text) {
    if (this.#area.value !== text) this.#area.value = text;
    this.#look();
  }

  #look() {
    autosize(this.#area);
    showLength(this.querySelector(".composer__count"), this.#area.value, Number(this.dataset.maxLength));
  }

  #changed() {
    this.#look();
    this.#draft?.keep(this.#area.value);
    const now = Date.now();
    if (!this.#area.value.trim() || now - this.#typed < TYPING_EVERY) return;
    this.#typed = now;
    socket.tell("typing", { conversation: this.dataset.conversation });
  }

  #key(event) {
    if (event.defaultPrevented || event.target !== this.#area) return;
    if (submitsOn(event)) {
      event.preventDefault();
      this.#form.requestSubmit();
    } else if (event.key === "ArrowUp" && this.#draft && !this.#area.value && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      emit("edit-last");
    } else if (event.key === "Escape" && this.#draft) {
      event.preventDefault();
      if (this.#reply) this.#answer(null);
      else emit("latest");
    }
  }

  async #send() {
    if (this.#asking) return;
    const content = this.#area.value.trim() ? this.#area.value : "";
    if (!content) return this.#area.focus();
    const over = lengthOf(content) - Number(this.dataset.maxLength);
    if (over > 0) return this.#refuse(word("over", { count: over }));
    if (content.includes("@") && !(await this.#confirmed(content))) return this.#area.focus();
    outbox.add({
      client_id: newId(),
      conversation: this.dataset.conversation,
      content,
      reply_to: this.#reply?.id ?? null,
      quote: this.#reply,
      created_at: new Date().toISOString(),
    });
    this.#typed = 0;
    this.#fill("");
    this.#draft?.keep("");
    if (this.#draft) this.#answer(null);
    this.#area.focus();
  }

  /** Where many would be told, the page asks; what is written stays meanwhile. */
  async #confirmed(content) {
    this.#asking = this.#area.readOnly = true;
    try {
      return await maySend(this.dataset.conversation, content);
    } finally {
      this.#asking = this.#area.readOnly = false;
    }
  }

  #refuse(reason) {
    const count = this.querySelector(".composer__count");
    if (count) count.textContent = reason;
    this.#area.focus();
  }

  /** Answer `message` ({id, number, name, preview}), or nothing. */
  #answer(message) {
    this.#reply = message;
    this.#form.elements.reply_to.value = message?.id ?? "";
    const bar = this.querySelector(".composer__reply");
    bar.hidden = !message;
    bar.querySelector("b").textContent = message?.name ?? "";
    bar.querySelector(".composer__quote").textContent = message?.preview ?? "";
    if (message) this.#area.focus();
  }

  /** A message that is not to be sent after all comes back, unless something else is being written. */
  #takeBack(text) {
    if (this.#area.value) return;
    this.#fill(text);
    this.#draft.keep(text);
    this.#area.focus();
  }
}

customElements.define("message-composer", MessageComposer);
