/** <message-tools>: the one row of tools, moved to the message that is pointed at or focused. */

import { ask } from "../dialogs.js";
import { pickEmoji } from "../emoji-popover.js";
import { isMine, myReactions, senderOf, textOf } from "../messages/article.js";
import { copyLink } from "../copy.js";
import { emit, on } from "../page.js";
import { socket } from "../socket.js";
import { MAY } from "./message-list.js";
import { maySelect } from "./message-selection.js";
import { toastRefusal } from "./toast-region.js";

const PREVIEW = 120;

class MessageTools extends HTMLElement {
  #list;
  #home;
  #menu;
  #article = null;

  connectedCallback() {
    if (this.#list) return;
    this.#list = document.querySelector("message-list");
    if (!this.#list) return;
    this.#home = this.parentElement;
    this.#menu = this.querySelector("[popover]");
    this.#menu?.addEventListener("toggle", ({ newState }) => newState === "open" && this.#menu.querySelector("button:not([hidden])").focus());
    this.#list.addEventListener("pointerover", (event) => event.pointerType === "mouse" && this.#point(event));
    // A finger leaves whenever it is lifted, before its click: only a mouse takes the tools away.
    this.#list.addEventListener("pointerleave", ({ pointerType }) => pointerType === "mouse" && !this.contains(document.activeElement) && this.#leave());
    this.#list.addEventListener("focusin", (event) => this.#point(event));
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", ({ target }) => this.#use(target.closest("[data-action]")));
    on("release", ({ articles }) => articles.includes(this.#article) && this.#leave());
    on("edit", () => this.#leave());
  }

  #point({ target }) {
    const article = target.closest("article.message");
    if (article && article !== this.#article && !this.#menu?.matches(":popover-open")) this.#goTo(article);
  }

  #goTo(article) {
    const { number, deleted, kind } = article.dataset;
    if (!number || deleted || kind === "system" || article.matches(".message--editing, .message--pending")) return this.#leave();
    this.#article = article;
    for (const button of this.querySelectorAll("[data-action]")) button.hidden = !this.#allows(button.dataset.action);
    article.append(this);
    this.hidden = false;
  }

  #leave() {
    this.#article = null;
    this.hidden = true;
    this.#home.append(this);
  }

  #allows(action) {
    const { dataset } = this.#article;
    const mine = isMine(this.#article);
    if (action === "react") return this.#list.may(MAY.REACT);
    if (action === "reply") return this.#list.may(MAY.SEND);
    if (action === "edit") return mine && this.#list.may(MAY.SEND);
    if (action === "delete") return mine || this.#list.may(MAY.MANAGE);
    if (action === "pin") return this.#list.may(MAY.PIN) && !("pinned" in dataset);
    if (action === "unpin") return this.#list.may(MAY.PIN) && "pinned" in dataset;
    if (action === "select") return maySelect(this.#list, this.#article);
    if (action === "history") return "edited" in dataset;
    return true;
  }

  /** Reactions are buttons of the message itself; a touch anywhere else brings the tools. */
  #clicked(event) {
    const reaction = event.target.closest(".reaction");
    const article = event.target.closest("article.message");
    if (reaction) {
      event.preventDefault();
      if (this.#list.may(MAY.REACT)) this.#react(article, reaction.dataset.emoji);
    } else if (article && event.pointerType === "touch" && !event.target.closest("a, button, textarea")) this.#goTo(article);
  }

  /** In the tools the arrows go from one to the next; on a message its letters are shorter ways. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.contains(event.target)) return this.#walk(event);
    if (event.target !== this.#article) return;
    const keys = { r: "reply", e: "edit", "+": "pick", p: "pin", t: "thread", u: "unread", x: "select", Delete: "delete" };
    const button = keys[event.key] && this.#button(keys[event.key]);
    if (!button) return;
    event.preventDefault();
    this.#use(button);
  }

  #button(action) {
    const wanted = action === "pick" ? '[data-action="react"]:not([data-emoji])' : `[data-action="${action}"]`;
    return this.querySelector(`${wanted}:not([hidden])`);
  }

  #walk(event) {
    const menu = this.#menu?.matches(":popover-open");
    const sideways = document.documentElement.dir === "rtl" ? -1 : 1;
    const steps = menu ? { ArrowUp: -1, ArrowDown: 1 } : { ArrowLeft: -sideways, ArrowRight: sideways };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const buttons = [...(menu ? this.#menu : this).querySelectorAll("button")].filter((button) => button.checkVisibility());
    buttons.at((buttons.indexOf(document.activeElement) + steps[event.key]) % buttons.length).focus();
  }


  async #use(button) {
    const article = this.#article;
    if (!button || !article) return;
    try {
      await this.#actions[button.dataset.action]?.(article, button);
    } catch (refusal) {
      toastRefusal(refusal);
    }
  }

  #actions = {
    react: (article, button) => {
      const { emoji } = button.dataset;
      return emoji ? this.#react(article, emoji) : pickEmoji(button, (picked) => this.#react(article, picked));
    },
    reply: (article) => emit("reply", describe(article)),
    thread: (article) => emit("thread", { number: Number(article.dataset.number) }),
    history: (article) => location.assign(`${this.#address(article)}history/`),
    edit: (article) => emit("edit", { article }),
    pin: (article) => socket.request("message.pin", { message: article.dataset.id }),
    unpin: (article) => socket.request("message.unpin", { message: article.dataset.id }),
    unread: (article) => this.#list.reading.unreadFrom(article),
    select: (article) => emit("select", { article }),
    link: (article) => copyLink(new URL(this.#address(article), location.href).href),
    delete: async (article) => {
      if ((await ask("confirm-delete", textOf(article))) === "delete") await socket.request("message.delete", { message: article.dataset.id });
    },
  };

  #address(article) {
    return `/c/${this.#list.conversation}/m/${article.dataset.number}/`;
  }

  #react(article, emoji) {
    const cmd = myReactions(article).includes(emoji) ? "reaction.remove" : "reaction.add";
    return socket.request(cmd, { message: article.dataset.id, emoji }).catch(toastRefusal);
  }
}

function describe(article) {
  const { id, number } = article.dataset;
  return { id, number: Number(number), name: senderOf(article), preview: textOf(article).slice(0, PREVIEW) };
}

customElements.define("message-tools", MessageTools);
