/** <comment-form>: keeps what was not sent, shows how it will look, sends it without leaving the page (inside of <comment-tree>). */

import { debounced, me, newId } from "../page.js";

const PREFIX = "chatter:draft:";
const QUIET = 400;

class CommentForm extends HTMLElement {
  #keep = debounced(() => this.#store(), QUIET);

  connectedCallback() {
    this.form = this.querySelector("form");
    this.text = this.querySelector("textarea");
    this.isEdit = !this.form.elements.client_id?.value;
    if (!this.isEdit && !this.text.value) this.text.value = localStorage.getItem(this.#key) ?? "";
    this.addEventListener("input", this.#keep);
    this.addEventListener("keydown", this.#keys);
    this.addEventListener("submit", this.#submit);
    this.addEventListener("click", this.#click);
    addEventListener("pagehide", this.#keep.now);
  }

  disconnectedCallback() {
    this.#keep.now();
    removeEventListener("pagehide", this.#keep.now);
  }

  get #key() {
    return `${PREFIX}${me.id}:${new URL(this.form.action).pathname}`;
  }

  #store() {
    if (this.isEdit) return;
    try {
      if (this.text.value.trim()) localStorage.setItem(this.#key, this.text.value);
      else localStorage.removeItem(this.#key);
    } catch {
      // Full or forbidden: it is not kept.
    }
  }

  #keys = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) this.form.requestSubmit(this.#send);
    else if (event.key === "Escape" && this.querySelector("[data-cancel]") && this.closest("comment-tree")) this.#close();
  };

  #click = (event) => {
    if (!event.target.closest("[data-cancel]") || !this.closest("comment-tree")) return;
    event.preventDefault();
    this.#close();
  };

  #close() {
    this.dispatchEvent(new CustomEvent("comment-form-closed", { bubbles: true }));
  }

  get #send() {
    return this.querySelector("button[type=submit]:not([name])");
  }

  #submit = async (event) => {
    const isPreview = event.submitter?.name === "preview";
    if (!isPreview && !this.closest("comment-tree")) return void this.#forget();
    event.preventDefault();
    if (this.hasAttribute("aria-busy")) return;
    this.setAttribute("aria-busy", "true");
    this.#say("");
    try {
      await (isPreview ? this.#preview() : this.#write());
    } catch (error) {
      this.#say(error.message);
    } finally {
      this.removeAttribute("aria-busy");
    }
  };

  async #preview() {
    const answer = await this.#ask(this.dataset.preview);
    const shown = this.querySelector(".comment-form__preview");
    shown.innerHTML = (await answer.json()).html;
    shown.hidden = false;
    shown.focus();
  }

  async #write() {
    const answer = await this.#ask(this.form.action);
    const html = await answer.text();
    this.#forget();
    this.text.value = "";
    if (this.form.elements.client_id) this.form.elements.client_id.value = newId();
    this.querySelector(".comment-form__preview").hidden = true;
    this.dispatchEvent(new CustomEvent("comment-written", { bubbles: true, detail: { html } }));
  }

  async #ask(url) {
    const body = new URLSearchParams(new FormData(this.form));
    const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json, text/html" } });
    if (answer.ok) return answer;
    const told = await answer.json().catch(() => null);
    throw new Error(told?.error?.message ?? String(answer.status));
  }

  #forget() {
    this.#keep.cancel();
    if (!this.isEdit) localStorage.removeItem(this.#key);
  }

  #say(text) {
    const place = this.querySelector(".field__error");
    place.textContent = text;
    place.hidden = !text;
  }
}

customElements.define("comment-form", CommentForm);
