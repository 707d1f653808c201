/** My messages on their way: shown at once, greyed; then the server's article takes their place, or the reason why not. */

import { copyOf, element, emit, me } from "../page.js";
import { outbox } from "../outbox.js";
import { adopt } from "./article.js";

export class Pending {
  #list;

  constructor(list) {
    this.#list = list;
    outbox.addEventListener("added", ({ detail }) => this.#added(detail));
    outbox.addEventListener("sent", ({ detail }) => this.#sent(detail));
    outbox.addEventListener("failed", ({ detail }) => this.#failed(detail.entry));
    list.addEventListener("click", (event) => this.#clicked(event));
    this.restore();
  }

  /** Show again what was on its way before a reload, or before another part of the history was shown. */
  restore() {
    for (const entry of outbox.of(this.#list.conversation)) this.#show(entry);
  }

  async #added(entry) {
    if (entry.conversation !== this.#list.conversation) return;
    this.#list.reading.spoke();
    await this.#list.toLatest();
    if (!outbox.has(entry.client_id)) return;
    this.#show(entry);
    this.#list.scroll.toEnd();
  }

  #show(entry) {
    const article = this.#list.timeline.findPending(entry.client_id) ? null : copyOf("pending-message");
    if (!article) return;
    article.classList.add("message--pending");
    Object.assign(article.dataset, { clientId: entry.client_id, sender: me.id, created: entry.created_at });
    for (const name of ["id", "data-id", "data-number"]) article.removeAttribute(name);
    article.querySelector(".message__text").textContent = entry.content;
    article.querySelectorAll("time").forEach((time) => (time.dateTime = entry.created_at));
    if (entry.quote) article.prepend(quote(entry));
    this.#list.timeline.insert(adopt(article));
    if (entry.failed) this.#failed(entry);
  }

  /** Stored: it has its number now, and the event with its final looks is near or already here. */
  #sent({ entry, ok }) {
    const article = this.#list.timeline.findPending(entry.client_id);
    if (entry.conversation !== this.#list.conversation) return;
    this.#list.feed.hint(ok.version);
    if (!article) return;
    if (this.#list.timeline.find(ok.number)) return this.#list.timeline.remove(article);
    article.classList.remove("message--pending", "message--failed");
    article.querySelector(".message__failed")?.remove();
    Object.assign(article.dataset, { number: ok.number, id: ok.id });
    this.#list.receipts.show();
  }

  #failed(entry) {
    const article = this.#list.timeline.findPending(entry.client_id);
    const notice = article && copyOf("failed-message");
    if (!notice) return;
    article.classList.add("message--failed");
    article.classList.remove("message--pending");
    article.querySelector(".message__failed")?.remove();
    notice.querySelector(".message__reason").textContent = entry.failed;
    this.#list.scroll.keep(() => article.append(notice));
  }

  #clicked({ target }) {
    const button = target.closest(".message__failed [data-action]");
    const article = button?.closest("article");
    if (!article) return;
    const { clientId } = article.dataset;
    if (button.dataset.action === "discard") {
      emit("draft-back", { text: outbox.discard(clientId)?.content ?? "" });
      return this.#list.timeline.remove(article);
    }
    button.closest(".message__failed").remove();
    article.classList.replace("message--failed", "message--pending");
    outbox.retry(clientId);
  }
}

function quote({ conversation, quote: { number, name, preview } }) {
  const link = element('<a class="message__quote"><b></b> <span></span></a>');
  link.dataset.number = number;
  link.href = `/c/${conversation}/m/${number}/`;
  link.querySelector("b").textContent = name;
  link.querySelector("span").textContent = preview;
  return link;
}
