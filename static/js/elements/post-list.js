/** <post-list>: older posts come as one scrolls towards them, scores stay true, and "Save" needs no new page. The links and forms
 *  work alone. */

import { fragment, me, post, say, word } from "../page.js";
import { watch } from "../watching.js";
import { toast } from "./toast-region.js";

// So many pages come by themselves, then one asks for each.
const UNASKED = 8;
const NEAR = "700px";
// Of so many posts in view the scores are heard of; a socket may watch no more than 20.
const HEARD = 12;

class PostList extends HTMLElement {
  #near = null;
  #loading = false;
  #unasked = UNASKED;
  #inView = null;
  #heard = new Map(); // article → what ends the watching

  connectedCallback() {
    this.#offerCopies();
    this.addEventListener("click", (event) => this.#click(event));
    this.#near = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting) && this.#unasked-- > 0) this.#more();
    }, { rootMargin: NEAR });
    this.#watchEnd();
    if (me.id) this.#hearScores();
  }

  disconnectedCallback() {
    this.#near?.disconnect();
    this.#inView?.disconnect();
    for (const stop of this.#heard.values()) stop();
    this.#heard.clear();
  }

  #hearScores() {
    this.#inView = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.#hear(target, isIntersecting);
    });
    this.#lookAt(this);
  }

  #lookAt(root) {
    for (const article of root.querySelectorAll("article:has(vote-buttons)")) this.#inView?.observe(article);
  }

  #hear(article, isIntersecting) {
    const stop = this.#heard.get(article);
    if (!isIntersecting) {
      stop?.();
      this.#heard.delete(article);
    } else if (!stop && this.#heard.size < HEARD) {
      this.#heard.set(article, watch(article.dataset.id, (frame) => {
        const score = frame.scores?.[article.dataset.id];
        if (score !== undefined) article.querySelector("vote-buttons").score = score;
      }));
    }
  }

  get #older() {
    return this.querySelector(":scope > .posts__older");
  }

  #watchEnd() {
    this.#near.disconnect();
    if (this.#older) this.#near.observe(this.#older);
  }

  #click(event) {
    const link = event.target.closest(".posts__older a");
    const button = event.target.closest("button[form=save]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      this.#more();
    } else if (button) {
      event.preventDefault();
      this.#save(button);
    }
  }

  async #more() {
    const line = this.#older;
    if (!line || this.#loading) return;
    this.#loading = true;
    line.setAttribute("aria-busy", "true");
    try {
      this.#add(await fragment(line.querySelector("a").href, "post-list", "posts"), line);
    } catch {
      // The link stays: a click asks again.
      line.removeAttribute("aria-busy");
    }
    this.#loading = false;
  }

  #add(page, line) {
    for (const article of page.querySelectorAll(":scope > article")) if (document.getElementById(article.id)) article.remove();
    // What was empty there is the end of the list here.
    page.querySelector(":scope > .empty")?.remove();
    this.#lookAt(page);
    line.replaceWith(...page.childNodes);
    this.#offerCopies();
    this.#watchEnd();
  }

  async #save(button) {
    const [id, on] = button.value.split(".");
    try {
      await post(button.form.action, { save: button.value });
    } catch {
      toast(word("went_wrong"), "bad");
      return;
    }
    button.value = `${id}.${on === "1" ? 0 : 1}`;
    button.setAttribute("aria-pressed", String(on === "1"));
    button.textContent = word(on === "1" ? "saved_post" : "save_post");
    say(button.textContent);
  }

  #offerCopies() {
    for (const button of this.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
  }
}

customElements.define("post-list", PostList);
