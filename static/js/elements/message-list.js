/** <message-list>: the conversation that is open, kept as the server has it. Its parts lie in ../messages/. */

import { adopt, isMine } from "../messages/article.js";
import { Announcer } from "../messages/announcer.js";
import { applyChange, fromOthers } from "../messages/changes.js";
import { History } from "../messages/history.js";
import { showOffshoots } from "../messages/offshoots.js";
import { Pending } from "../messages/pending.js";
import { Reactors } from "../messages/reactors.js";
import { Reading, firstUnread } from "../messages/reading.js";
import { Receipts } from "../messages/receipts.js";
import { Scroll } from "../messages/scroll.js";
import { Timeline } from "../messages/timeline.js";
import { oneStop, walk } from "../messages/walk.js";
import { Feed } from "../feed.js";
import { isHidden } from "../folding.js";
import { debounced, emit, idOf, me, on, pageAt, word } from "../page.js";
import { renewParts } from "../standing.js";
import { socket } from "../socket.js";

const HIGHLIGHT = 2400;
const TOGETHER = 200;
export const MAY = { SEND: 1, REACT: 2, PIN: 8, MANAGE: 32 };

class MessageList extends HTMLElement {
  connectedCallback() {
    const { conversation, version, count, permissions } = this.dataset;
    this.conversation = conversation;
    this.count = Number(count ?? 0);
    this.permissions = Number(permissions ?? 0);
    this.words = { before: word("earlier_messages"), after: word("later_messages") };
    this.timeline = new Timeline(this);
    this.scroll = new Scroll(this, this.timeline);
    this.history = new History(this);
    this.announcer = new Announcer();
    this.reading = new Reading(this, document.getElementById("new-messages"));
    this.receipts = new Receipts(this);
    this.reactors = new Reactors(this);
    this.feed = new Feed(socket, conversation, Number(version ?? 0));
    this.#dress();
    this.pending = new Pending(this);
    this.#listen();
    this.#begin();
    this.feed.start();
  }

  may(permission) {
    return (this.permissions & permission) === permission;
  }

  /** My rights here changed; what follows from them is for the page to say. */
  #allowed({ conversation }) {
    if (conversation === this.conversation) this.#asked();
  }

  #asked = debounced(() => this.#readStanding().catch(() => {}), TOGETHER);

  async #readStanding() {
    const page = await pageAt(`/c/${this.conversation}/`, "standing");
    this.permissions = Number(page.querySelector("message-list").dataset.permissions);
    this.dataset.permissions = this.permissions;
    renewParts(page);
    showOffshoots(this, page);
  }

  /** The server's articles become this reader's. */
  #dress() {
    const reacted = JSON.parse(this.dataset.reacted || "{}");
    for (const article of this.timeline.articles) adopt(article, reacted[article.dataset.number] ?? []);
    this.timeline.settleAll();
    this.timeline.divide(this.reading.read < this.count ? firstUnread(this.timeline, this.reading.read) : null);
    this.receipts.show();
  }

  #listen() {
    this.feed.addEventListener("change", ({ detail }) => this.apply(detail));
    this.feed.addEventListener("reset", ({ detail }) => this.#reset(detail));
    this.feed.addEventListener("caughtup", () => (this.dataset.live = ""));
    this.feed.addEventListener("gone", () => emit("gone", { conversation: this.conversation }));
    socket.addEventListener("membership.changed", ({ detail }) => isMe(detail.user) && this.#allowed(detail));
    socket.addEventListener("conversation.changed", ({ detail }) => {
      if (detail.conversation === this.conversation && typeof detail.archived === "boolean") location.reload();
      else if (detail.settings) this.#allowed(detail);
    });
    this.addEventListener("keydown", (event) => walk(this, event));
    oneStop(this);
    this.addEventListener("click", (event) => this.#clicked(event));
    on("jump", ({ number }) => this.jump(number));
    on("edit-last", () => this.#editLast());
    on("latest", () => this.toLatest().then(() => this.scroll.toEnd()));
  }

  /** Where to begin: at the message asked for, at the first unread, else at the end. */
  #begin() {
    const asked = this.dataset.focus && this.timeline.find(this.dataset.focus);
    const divider = this.timeline.divider;
    this.scroll.toEnd();
    if (asked) this.#found(asked);
    else if (divider && divider.getBoundingClientRect().top < this.getBoundingClientRect().top) this.scroll.to(divider);
    this.history.watch();
    this.reading.changed();
  }

  apply(event) {
    this.history.remember(event);
    const change = () => applyChange(this, event);
    if (this.scroll.atEnd && this.history.hasAfter) change();
    else this.scroll.keep(change);
    this.receipts.show();
  }

  /** Called for every new message; `article` is null where it lies outside of the window. */
  arrived(article, message) {
    emit("message", { conversation: this.conversation, message, article });
    if (!fromOthers(article, message)) return this.reading.changed();
    this.receipts.arrived(message.number);
    if (article && !isHidden(message.sender)) this.announcer.arrived(article);
    this.reading.arrived(article, message.number);
    if (!this.history.busy && this.history.trim(this.scroll.atEnd ? "start" : "end")) this.history.watch();
  }

  /** Too much was missed: take the newest page, or read the part again that is being looked at. */
  #reset(changes) {
    const reading = !this.scroll.atEnd && this.timeline.first;
    if (reading) return this.#show(`?after=${this.timeline.first - 1}`).catch(() => {});
    this.history.hasAfter = false;
    this.history.hasBefore = (changes[0]?.message.number ?? 1) > 1;
    this.release(this.timeline.articles);
    this.timeline.clear();
    for (const change of changes) applyChange(this, { event: "message.state", ...change });
    this.pending.restore();
    this.scroll.toEnd();
    this.history.watch();
  }

  async #show(query) {
    this.release(this.timeline.articles);
    const page = await this.history.show(query);
    this.pending.restore();
    this.receipts.show();
    this.reading.changed();
    return page;
  }

  async toLatest() {
    if (!this.history.hasAfter) return;
    await this.#show("");
    this.scroll.toEnd();
  }

  /** Bring a message into view, loading its surroundings where they are not there. */
  async jump(number) {
    if (!this.timeline.find(number)) await this.#show(`?at=${number}`);
    const article = this.timeline.find(number);
    if (article) this.#found(article);
  }

  #found(article) {
    this.scroll.to(article);
    article.focus({ preventScroll: true });
    article.classList.add("message--found");
    setTimeout(() => article.classList.remove("message--found"), HIGHLIGHT);
  }

  /** Articles are about to go: whatever floats over them must leave first. */
  release(articles) {
    emit("release", { articles });
  }

  /** Quotes and links to messages of this conversation lead there without leaving it. */
  #clicked(event) {
    const answers = event.target.closest(".message__answers");
    if (answers && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      return emit("thread", { number: Number(answers.closest("article").dataset.number) });
    }
    const link = event.target.closest(".message__quote, .message__text a");
    const number = link && new RegExp(`/c/${this.conversation}/m/(\\d+)/$`).exec(link.href)?.[1];
    if (!number || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.jump(number).catch(() => location.assign(link.href));
  }

  #editLast() {
    const mine = this.timeline.numbered.findLast((article) => isMine(article) && !article.dataset.deleted);
    if (mine) emit("edit", { article: mine });
  }
}

export const isMe = (person) => idOf(person) === me.id;

customElements.define("message-list", MessageList);
