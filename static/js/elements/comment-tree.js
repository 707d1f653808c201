/** <comment-tree>: loads more of the comments in place, answers in place, and tells of new ones without moving what is read. */

import { element, fragment, me, say, word } from "../page.js";
import { watch } from "../watching.js";

class CommentTree extends HTMLElement {
  #stop = null;
  #own = new Set(); // comments that this page wrote itself
  #fresh = 0;

  connectedCallback() {
    this.list = this.querySelector(".comments__list");
    this.pill = this.querySelector(".comments__new");
    this.count = parseInt(this.#title.textContent.replace(/\D/g, ""), 10) || 0;
    this.addEventListener("click", this.#click);
    this.addEventListener("comment-written", this.#written);
    this.addEventListener("comment-form-closed", (event) => this.#closeForm(event.target));
    this.pill.addEventListener("click", () => this.#loadNews());
    if (me.id) this.#stop = watch(this.dataset.post, (frame) => this.#hear(frame));
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  get #title() {
    return this.querySelector("[data-count]");
  }

  #comment(key) {
    return this.querySelector(`.comment[data-id="${CSS.escape(key)}"]`);
  }

  // --- what is clicked

  #click = async (event) => {
    const link = event.target.closest("a.comment__more[data-under], a[data-act], .comment__fresh");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.ariaBusy === "true") return;
    if (link.dataset.act && !me.id) return;
    event.preventDefault();
    link.ariaBusy = "true";
    try {
      if (link.dataset.act) await this.#openForm(link);
      else if (link.matches(".comment__fresh")) await this.#loadNews(link.closest(".comment"));
      else await this.#more(link);
    } catch {
      if (link.href) location.assign(link.href);
    } finally {
      link.ariaBusy = null;
    }
  };

  async #part(query) {
    const url = `${this.dataset.url}?${new URLSearchParams({ sort: this.dataset.sort, ...query })}`;
    const answer = await fetch(url, { headers: { "X-Fragment": "comments" } });
    if (!answer.ok) throw Object.assign(new Error(`${url}: ${answer.status}`), { status: answer.status });
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    return template.content;
  }

  async #more(link) {
    const { under, after } = link.dataset;
    let level = 0;
    for (let at = link.closest(".comment"); at; at = at.parentElement.closest(".comment")) level += 1;
    const part = await this.#part({ under, after, level });
    const list = under === "0" ? this.list : this.#answers(link.closest(".comment"));
    const added = this.#add(list, [...part.children].filter((child) => child.matches(".comment")));
    const next = part.querySelector(":scope > .comment__more");
    if (next) link.replaceWith(next);
    else link.remove();
    this.#focus(added[0]);
  }

  /** Those of `comments` that are not there yet, at the end of the list or (`first`) at its beginning. */
  #add(list, comments, first = false) {
    const added = comments.filter((comment) => !this.#comment(comment.dataset.id));
    if (first) list.prepend(...added);
    else list.append(...added);
    this.querySelector(".comments__none")?.remove();
    return added;
  }

  /** The list of what answers a comment; made where nothing did. */
  #answers(comment) {
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

  #focus(comment) {
    if (!comment) return;
    comment.tabIndex = -1;
    comment.focus({ preventScroll: true });
    comment.scrollIntoView({ block: "nearest" });
  }

  // --- forms

  async #openForm(link) {
    const comment = link.closest(".comment");
    const thread = comment.querySelector(":scope > .comment__thread");
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
    this.#own.add(comment.dataset.id);
    if (above) this.#closeForm(form);
    if (this.#comment(comment.dataset.id)) return this.#replace(comment);
    this.#counted(this.count + 1);
    const [added] = this.#add(above ? this.#answers(above) : this.list, [comment], true);
    this.#focus(added);
  };

  // --- what others do

  #hear(frame) {
    if (frame.event === "scores.changed") this.#scores(frame.scores);
    else if (frame.event === "post.changed") this.#missed();
    else if (frame.event === "comments.changed") this.#changed(frame);
  }

  #scores(scores) {
    for (const [key, score] of Object.entries(scores)) {
      const votes = document.getElementById(`v-${key}`);
      if (votes) votes.score = score;
    }
  }

  #changed({ count, comment, parent, change }) {
    const more = count - this.count;
    this.#counted(count);
    if (change !== "created") return this.#refresh(comment);
    if (this.#own.has(comment)) return;
    const above = parent && this.#comment(parent);
    if (this.hasAttribute("data-thread") && !above) return;
    this.#tellNews(Math.max(1, more));
    if (above) this.#markFresh(above);
  }

  #counted(count) {
    this.count = count;
    this.#title.textContent = word("comment_count", { count });
  }

  #tellNews(more) {
    this.#fresh += more;
    this.pill.textContent = word("new_comments", { count: this.#fresh });
    if (this.pill.hidden) say(this.pill.textContent);
    this.pill.hidden = false;
  }

  #markFresh(comment) {
    const foot = comment.querySelector(":scope > .comment__thread > .comment__foot");
    const mark = foot?.querySelector(".comment__fresh") ?? element('<button type="button" class="comment__fresh"></button>');
    mark.dataset.fresh = Number(mark.dataset.fresh ?? 0) + 1;
    mark.textContent = word("new_answers", { count: Number(mark.dataset.fresh) });
    foot?.append(mark);
  }

  /** Something may have been missed: ask whether there is anything new. */
  async #missed() {
    const part = await this.#part({ since: this.dataset.last }).catch(() => null);
    const news = [...(part?.querySelectorAll(".comment") ?? [])].filter((each) => !this.#comment(each.dataset.id));
    if (news.length) this.#tellNews(news.length - this.#fresh);
  }

  async #loadNews(under = null) {
    const part = await this.#part({ since: this.dataset.last }).catch(() => null);
    if (!part) return;
    const all = [...part.querySelectorAll(".comment")];
    for (const comment of all) comment.classList.add("comment--new");
    this.dataset.last = Math.max(this.dataset.last, ...all.map((comment) => Number(comment.dataset.number)));
    const added = [...part.querySelectorAll(":scope > ol")].flatMap((news) => {
      const above = this.#comment(news.dataset.under);
      const list = above ? this.#answers(above) : news.dataset.under === this.dataset.post ? this.list : null;
      return list ? this.#add(list, [...news.children], true) : [];
    });
    for (const mark of this.querySelectorAll(".comment__fresh")) mark.remove();
    this.#fresh = 0;
    this.pill.hidden = true;
    this.#focus(added.find((comment) => under?.contains(comment)) ?? added[0]);
  }

  /** A comment was changed, deleted or removed: as this reader may see it now. */
  async #refresh(key) {
    if (!this.#comment(key)) return;
    try {
      this.#replace((await this.#part({ only: key })).firstElementChild);
    } catch (error) {
      if (error.status === 404) this.#comment(key)?.remove();
    }
  }

  /** The comment anew; what answers it, and what is being written there, stays. */
  #replace(comment) {
    const before = this.#comment(comment.dataset.id);
    const thread = comment.querySelector(":scope > .comment__thread");
    thread.open = before.querySelector(":scope > .comment__thread").open;
    thread.append(...before.querySelectorAll(":scope > .comment__thread > :is(.comments__answers, .comment__more, comment-form)"));
    before.replaceWith(comment);
  }
}

customElements.define("comment-tree", CommentTree);
