/** <message-editor>: a message of mine, opened in place. The page keeps only html, so the text is asked for first. */

import { maySend } from "../calls.js";
import { copyOf, emit, on } from "../page.js";
import { socket } from "../socket.js";
import { autosize, lengthOf, showLength, submitsOn } from "../writing.js";
import { ask } from "../dialogs.js";
import { toastRefusal } from "./toast-region.js";

class MessageEditor extends HTMLElement {
  #area;
  #source = "";

  connectedCallback() {
    this.#area = this.querySelector("textarea");
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save().catch(toastRefusal);
    });
    this.querySelector('[data-action="cancel"]').addEventListener("click", () => this.close());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.#area.addEventListener("input", () => this.#look());
  }

  get article() {
    return this.closest("article.message");
  }

  open(source) {
    this.#source = this.#area.value = source;
    this.#look();
    this.#area.focus();
    this.#area.setSelectionRange(source.length, source.length);
    this.scrollIntoView({ block: "nearest" });
  }

  #look() {
    autosize(this.#area);
    showLength(this.querySelector(".composer__count"), this.#area.value, maxLength());
  }

  #key(event) {
    if (event.defaultPrevented) return;
    if (event.key === "Escape") this.close();
    else if (event.target === this.#area && submitsOn(event)) this.querySelector("form").requestSubmit();
    else return;
    event.preventDefault();
  }

  async #save() {
    const content = this.#area.value;
    const message = this.article.dataset.id;
    if (content === this.#source) return this.close();
    if (lengthOf(content) > maxLength()) return this.#area.focus();
    const { conversation } = this.closest("message-list").dataset;
    if (content.includes("@") && !(await maySend(conversation, content))) return this.#area.focus();
    if (content.trim()) await socket.request("message.edit", { message, content });
    else if ((await ask("confirm-delete", this.#source)) === "delete") await socket.request("message.delete", { message });
    this.close();
  }

  close() {
    this.article?.classList.remove("message--editing");
    this.remove();
    emit("compose");
  }
}

const maxLength = () => Number(document.querySelector("message-composer")?.dataset.maxLength ?? Infinity);

async function edit(article) {
  const list = article.closest("message-list");
  const open = article.querySelector("message-editor");
  if (open) return open.querySelector("textarea").focus();
  const after = Number(article.dataset.number) - 1;
  const { messages } = await socket.request("history", { conversation: list.conversation, after, limit: 1 });
  const editor = copyOf("message-editor");
  if (messages[0]?.id !== article.dataset.id || !article.isConnected || !editor) return;
  article.classList.add("message--editing");
  emit("release", { articles: [article] });
  article.querySelector(".message__body").append(editor);
  list.scroll.keep(() => editor.open(messages[0].content));
}

on("edit", ({ article }) => edit(article).catch(toastRefusal));

customElements.define("message-editor", MessageEditor);
