/** <comment-tree>: loads more of the comments in place, answers and changes in place, and tells of new ones (comment-news.js). */

import { CommentNews } from "../comment-news.js";
import { element, fragment, me } from "../page.js";
import { watch } from "../watching.js";

const WANTED = "a.comment__more[data-under], a[data-act], .comment__fresh";
// What stays where it is when a comment is shown anew.
const STAYS = ":scope > .comment__thread > :is(.comments__answers, .comment__more, comment-form)";

class CommentTree extends HTMLElement {
  #stop = null;

  connectedCallback() {
    this.list = this.querySelector(".comments__list");
    this.news = new CommentNews(this);
    this.addEventListener("click", this.#click);
    this.addEventListener("comment-written", this.#written);
    this.addEventListener("comment-form-closed", (event) => this.#closeForm(event.target));
    if (me.id) this.#stop = watch(this.dataset.post, this.news.hear);
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  comment(key) {
    return this.querySelector(`.comment[data-id="${CSS.escape(key)}"]`);
  }

  /** Some comments, as the server shows them to this reader. */
  async part(query) {
    const url = `${this.dataset.url}?${new URLSearchParams({ sort: this.dataset.sort, ...query })}`;
    const answer = await fetch(url, { headers: { "X-Fragment": "comments" } });
    if (!answer.ok) throw Object.assign(new Error(`${url}: ${answer.status}`), { status: answer.status });
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    return template.content;
  }

  /** Those of `comments` that are not there yet, at the end of the list or (`first`) at its beginning. */
  add(list, comments, first = false) {
    const added = comments.filter((comment) => !this.comment(comment.dataset.id));
    if (first) list.prepend(...added);
    else list.append(...added);
    this.querySelector(".comments__none")?.remove();
    return added;
  }

  /** The list of what answers a comment; made where nothing did. */
  answers(comment) {
    const thread = comment.querySelector(":scope > .comment__thread");
    let list = thread.querySelector(":scope > .comments__answers");
    if (!list) {
      list = element('<ol class="comments__answers"></ol>');
      const more = thread.querySelector(":scope > .comment__more");
      if (more) more.before(list);
      else thread.append(list);
    }
    return list;
  }

  focusOn(comment) {
    if (!comment) return;
    comment.tabIndex = -1;
    comment.focus({ preventScroll: true });
    comment.scrollIntoView({ block: "nearest" });
  }

  /** A comment was changed, deleted or removed: as this reader may see it now. */
  async refresh(key) {
    if (!this.comment(key)) return;
    try {
      this.#replace((await this.part({ only: key })).firstElementChild);
    } catch (error) {
      if (error.status === 404) this.comment(key)?.remove();
    }
  }

  #replace(comment) {
    const before = this.comment(comment.dataset.id);
    const thread = comment.querySelector(":scope > .comment__thread");
    thread.open = before.querySelector(":scope > .comment__thread").open;
    thread.append(...before.querySelectorAll(STAYS));
    before.replaceWith(comment);
  }

  #click = async (event) => {
    const link = event.target.closest(WANTED);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.ariaBusy === "true") return;
    if (link.dataset.act && !me.id) return;
    event.preventDefault();
    link.ariaBusy = "true";
    try {
      if (link.dataset.act) await this.#openForm(link);
      else if (link.matches(".comment__fresh")) await this.news.load(link.closest(".comment"));
      else await this.#more(link);
    } catch {
      if (link.href) location.assign(link.href);
    } finally {
      link.ariaBusy = null;
    }
  };

  async #more(link) {
    const { under, after } = link.dataset;
    let level = 0;
    for (let at = link.closest(".comment"); at; at = at.parentElement.closest(".comment")) level += 1;
    const part = await this.part({ under, after, level });
    const list = under === "0" ? this.list : this.answers(link.closest(".comment"));
    const added = this.add(list, [...part.children].filter((child) => child.matches(".comment")));
    const next = [...part.children].find((child) => child.matches(".comment__more"));
    if (next) link.replaceWith(next);
    else link.remove();
    this.focusOn(added[0]);
  }

  async #openForm(link) {
    const thread = link.closest(".comment").querySelector(":scope > .comment__thread");
    const open = thread.querySelector(":scope > comment-form");
    if (open) return open.querySelector("textarea").focus();
    const form = await fragment(link.href, "comment-form", "form");
    form.querySelector("form").action = link.href;
    if (link.dataset.act === "edit") thread.querySelector(":scope > .comment__body").hidden = true;
    thread.querySelector(":scope > .comment__foot").after(form);
    form.querySelector("textarea").focus();
  }

  #closeForm(form) {
    const thread = form.closest(".comment__thread");
    thread?.querySelector(":scope > .comment__body")?.removeAttribute("hidden");
    form.remove();
    thread?.querySelector(":scope > .comment__foot [data-act]")?.focus();
  }

  #written = ({ target: form, detail: { html } }) => {
    const comment = element(html);
    const above = form.closest(".comment");
    if (above) this.#closeForm(form);
    if (this.comment(comment.dataset.id)) return this.#replace(comment);
    this.news.wrote(comment.dataset.id);
    const [added] = this.add(above ? this.answers(above) : this.list, [comment], true);
    this.focusOn(added);
  };
}

customElements.define("comment-tree", CommentTree);
