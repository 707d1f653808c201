/** <thread-pane>: a message and what was answered to it, in the details pane beside the talk. */

import { adopt } from "../messages/article.js";
import { debounced, emit, on, pageAt, word } from "../page.js";
import { toastRefusal } from "./toast-region.js";

const COVERS = "(max-width: 1100px)"; // as in layout.css

class ThreadPane extends HTMLElement {
  #number = null;
  #opener = null;
  #title = null;
  #again = debounced(() => this.#load().catch(() => {}), 300);

  connectedCallback() {
    if (history.state?.thread) history.replaceState(null, "");
    addEventListener("popstate", () => this.hidden || history.state?.thread || this.#shut());
    this.#title = this.#part(".bar__title")?.textContent;
    on("thread", ({ number }) => this.open(number));
    on("message", ({ message }) => this.#number && message.reply_to && this.#again());
    this.addEventListener("click", (event) => this.#clicked(event));
    this.closest(".details")?.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !this.hidden) this.close();
    });
    this.#part(".details__close")?.addEventListener("click", (event) => {
      if (this.hidden) return;
      event.preventDefault();
      this.close();
    });
  }

  #part(selector) {
    return this.closest(".details")?.querySelector(selector);
  }

  async open(number) {
    if (this.#number !== number) this.replaceChildren();
    this.#number = number;
    this.#opener = document.activeElement;
    try {
      await this.#load();
      // Where it covers the talk, going back leads to the talk.
      if (this.hidden && matchMedia(COVERS).matches) history.pushState({ thread: true }, "");
      this.#show(true);
      const field = this.querySelector("textarea") ?? this.#part(".details__close");
      // Where the pane slides in it cannot take the focus before its first frame was drawn.
      requestAnimationFrame(() => requestAnimationFrame(() => field?.focus()));
    } catch (failure) {
      toastRefusal(failure);
    }
  }

  close() {
    if (history.state?.thread) history.back();
    else this.#shut();
  }

  #shut() {
    this.#number = null;
    this.#show(false);
    if (this.#opener?.isConnected && this.#opener.checkVisibility()) this.#opener.focus();
    else emit("compose");
  }

  /** Read the thread as its own page shows it; the field for answers stays, with what is written in it. */
  async #load() {
    const { conversation } = document.querySelector("message-list").dataset;
    const page = await pageAt(`/c/${conversation}/m/${this.#number}/thread/`, "thread");
    const composer = page.querySelector(".thread__body + message-composer");
    const body = document.adoptNode(page.querySelector(".thread__body"));
    body.querySelectorAll(".day").forEach((day) => day.remove());
    for (const article of body.querySelectorAll("article.message")) {
      article.removeAttribute("id");
      article.querySelector(`.message__quote[data-number="${this.#number}"]`)?.remove();
      article.querySelector(".message__answers")?.remove();
      adopt(article);
    }
    this.querySelector(".thread__body")?.remove();
    this.prepend(body);
    if (!composer || this.querySelector("message-composer")) return;
    composer.querySelector("form").removeAttribute("id");
    const area = composer.querySelector("textarea");
    area.placeholder = area.ariaLabel = word("thread_answer");
    this.append(document.adoptNode(composer));
  }

  #show(shown) {
    this.hidden = !shown;
    const details = this.closest(".details");
    details?.classList.toggle("details--thread", shown);
    details?.classList.toggle("details--open", shown);
    this.#part(".details__close")?.classList.toggle("only-narrow", !shown);
    if (this.#title) this.#part(".bar__title").textContent = shown ? word("thread") : this.#title;
    for (const other of this.parentElement.children) if (other !== this) other.hidden = shown;
  }

  /** In the thread a message is a way to its place in the talk. */
  #clicked(event) {
    const link = event.target.closest(".message__time, .message__quote");
    const number = link?.dataset.number ?? link?.closest("article")?.dataset.number;
    if (!number || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    emit("jump", { number: Number(number) });
  }
}

customElements.define("thread-pane", ThreadPane);
