/** <thread-pane>: a message and what was answered to it, in the details pane beside the talk. */

import { adopt } from "../messages/article.js";
import { debounced, emit, fragment, on } from "../page.js";
import { toastRefusal } from "./toast-region.js";

class ThreadPane extends HTMLElement {
  #number = null;
  #opener = null;
  #again = debounced(() => this.#load().catch(() => {}), 300);

  connectedCallback() {
    on("thread", ({ number }) => this.open(number));
    on("message", ({ message }) => this.#number && message.reply_to && this.#again());
    this.addEventListener("click", (event) => this.#clicked(event));
    this.addEventListener("keydown", ({ key }) => key === "Escape" && this.close());
  }

  async open(number) {
    this.#number = number;
    this.#opener = document.activeElement;
    try {
      await this.#load();
      this.#show(true);
      this.querySelector('[data-action="close"]')?.focus();
    } catch (failure) {
      toastRefusal(failure);
    }
  }

  close() {
    this.#number = null;
    this.#show(false);
    if (this.#opener?.isConnected) this.#opener.focus();
    else emit("compose");
  }

  async #load() {
    const { conversation } = document.querySelector("message-list").dataset;
    const body = await fragment(`/c/${conversation}/m/${this.#number}/thread/`, ".thread__body", "thread");
    body.querySelectorAll("article.message").forEach((article) => {
      article.removeAttribute("id");
      adopt(article);
    });
    this.querySelector(".thread__body")?.remove();
    this.append(body);
  }

  #show(shown) {
    this.hidden = !shown;
    const details = this.closest(".details");
    details?.classList.toggle("details--thread", shown);
    details?.classList.toggle("details--open", shown);
    for (const other of this.parentElement.children) if (other !== this) other.hidden = shown;
  }

  /** In the thread a message is a way to its place in the talk. */
  #clicked(event) {
    if (event.target.closest('[data-action="close"]')) return this.close();
    const link = event.target.closest(".message__time, .message__quote");
    const number = link?.dataset.number ?? link?.closest("article")?.dataset.number;
    if (!number || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    emit("jump", { number: Number(number) });
  }
}

customElements.define("thread-pane", ThreadPane);
