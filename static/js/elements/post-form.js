/** <post-form>: a post being written. Shows how it will look, keeps it as a draft, suggests the title of a linked page. */

import { debounced, post, word } from "../page.js";
import { lengthOf } from "../writing.js";

const QUIET = 1500;
const PREVIEW_QUIET = 400;
const NEAR = 500; // characters before the limit from which on they are counted
const MOST = 20_000;
const LOOKS = 12;

class PostForm extends HTMLElement {
  #form;
  #area;
  #saving = Promise.resolve();
  #save = debounced(() => (this.#saving = this.#toDraft()), QUIET);
  #show = debounced(() => this.#preview(), PREVIEW_QUIET);
  #looked = "";

  connectedCallback() {
    this.#form = this.querySelector("form");
    this.#area = this.querySelector("[data-content]");
    this.#form.addEventListener("input", (event) => this.#changed(event));
    this.#form.addEventListener("submit", (event) => this.#submitted(event));
    addEventListener("pagehide", this.#leave);
    this.querySelector("[data-preview-button]")?.setAttribute("hidden", "");
    this.#offerTools();
    this.#offerOptions();
    this.#form.elements.url?.addEventListener?.("change", () => this.#suggest());
    if (this.#area?.value.trim()) this.#preview();
  }

  disconnectedCallback() {
    removeEventListener("pagehide", this.#leave);
  }

  #leave = () => this.#save.now();

  #changed({ target }) {
    if (target === this.#area) {
      this.#show();
      this.#count();
    }
    if (this.dataset.draftUrl && target.type !== "file") this.#save();
  }

  /** A draft that is on its way must not come after the post it became. */
  #submitted(event) {
    if (event.submitter?.value !== "post" || this.dataset.sent !== undefined) return this.#save.cancel();
    event.preventDefault();
    this.#save.cancel();
    // In a turn of its own: as long as this event is on its way the form does not hear of another one.
    setTimeout(async () => {
      await this.#saving;
      this.dataset.sent = "";
      this.#form.requestSubmit(event.submitter);
      delete this.dataset.sent;
    });
  }

  async #toDraft() {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(this.#form)) {
      if (["draft", "kind", "title", "content", "url", "option"].includes(name)) fields.append(name, value);
    }
    if (![...fields].some(([name, value]) => !["draft", "kind"].includes(name) && value.trim())) return;
    fields.set("forum", this.dataset.forum);
    const said = this.querySelector("[data-saved]");
    try {
      await post(this.dataset.draftUrl, fields, { keepalive: true });
      said.textContent = word("draft_saved");
    } catch {
      said.textContent = word("draft_not_saved");
    }
  }

  async #preview() {
    const place = this.querySelector("[data-preview]");
    const content = this.#area.value;
    place.hidden = !content.trim();
    if (place.hidden) return;
    try {
      const { html } = await (await post(this.dataset.previewUrl, { content })).json();
      if (content === this.#area.value) place.querySelector("[data-preview-text]").innerHTML = html;
    } catch {
      // Too often, or away: the next change asks again.
    }
  }

  #count() {
    const left = MOST - lengthOf(this.#area.value);
    const output = this.querySelector("[data-length]");
    output.hidden = left > NEAR;
    output.toggleAttribute("data-over", left < 0);
    output.textContent = left < 0 ? word("over", { count: -left }) : word("left", { count: left });
  }

  #offerTools() {
    const tools = this.querySelector("[data-tools]");
    if (!tools) return;
    tools.hidden = false;
    tools.addEventListener("click", ({ target }) => {
      const { wrap, line, link } = target.closest("button")?.dataset ?? {};
      if (wrap) this.#around(wrap, wrap);
      else if (line) this.#before(line);
      else if (link !== undefined) this.#around("[", "](https://)");
    });
  }

  #around(before, after) {
    const { selectionStart: from, selectionEnd: to, value } = this.#area;
    this.#put(from, to, before + value.slice(from, to) + after, from + before.length, to + before.length);
  }

  #before(mark) {
    const { selectionStart, selectionEnd: to, value } = this.#area;
    const from = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const text = value.slice(from, to).replace(/^/gm, mark);
    this.#put(from, to, text, from + text.length, from + text.length);
  }

  /** As typing would, so that it can be undone. */
  #put(from, to, text, start, end) {
    this.#area.focus();
    this.#area.setSelectionRange(from, to);
    if (!document.execCommand("insertText", false, text)) this.#area.setRangeText(text);
    this.#area.setSelectionRange(start, end);
    this.#area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #offerOptions() {
    const button = this.querySelector("[data-add-option]");
    const list = this.querySelector("[data-options]");
    button?.addEventListener("click", (event) => {
      event.preventDefault();
      const next = list.lastElementChild.cloneNode(true);
      const field = next.querySelector("input");
      field.value = "";
      field.setAttribute("aria-label", word("option_number", { number: list.children.length + 1 }));
      list.append(next);
      field.focus();
      button.hidden = list.children.length >= 10;
    });
  }

  /** The worker looks at the page; until it has, ask again, ever more seldom. */
  async #suggest() {
    const url = this.#form.elements.url.value.trim();
    if (!url || url === this.#looked || this.dataset.kind !== "link") return;
    this.#looked = url;
    for (let look = 1; look <= LOOKS && this.isConnected; look++) {
      const found = await post(this.dataset.linkUrl, { url }).then((answer) => answer.json(), () => null);
      if (!found || this.#form.elements.url.value.trim() !== url) return;
      if (found.is_done) return this.#offerTitle(found.title);
      await new Promise((resolve) => setTimeout(resolve, 400 * look));
    }
  }

  #offerTitle(title) {
    const field = this.#form.elements.title;
    const place = this.querySelector("[data-suggestion]");
    place.hidden = !title || title === field.value;
    if (place.hidden) return;
    if (!field.value.trim()) return this.#take(title, place);
    const button = place.querySelector("button");
    button.textContent = word("title_suggested", { title });
    button.onclick = () => this.#take(title, place);
  }

  #take(title, place) {
    const field = this.#form.elements.title;
    field.value = title.slice(0, field.maxLength);
    place.hidden = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("post-form", PostForm);
