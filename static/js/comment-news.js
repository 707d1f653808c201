/** What others say and do under a post that is open: told without moving what is read, loaded when one asks for it. */

import { element, say, word } from "./page.js";

// How long the news waits while this page itself is sending a comment, which it would else take for another's.
const SENDING = 150;

export class CommentNews {
  #own = new Set(); // comments that this page wrote itself
  #waiting = 0;

  constructor(tree) {
    this.tree = tree;
    this.pill = tree.querySelector(".comments__new");
    this.title = tree.querySelector("[data-count]");
    this.count = Number(this.title.dataset.count);
    this.pill.addEventListener("click", () => this.load());
  }

  hear = (frame) => {
    if (frame.event === "scores.changed") this.#scores(frame.scores);
    else if (frame.event === "post.changed") this.#missed();
    else if (frame.event === "comments.changed") this.#changed(frame);
  };

  /** This page wrote a comment. */
  wrote(key) {
    this.#own.add(key);
    this.#counted(this.count + 1);
  }

  #scores(scores) {
    for (const [key, score] of Object.entries(scores)) {
      const votes = document.getElementById(`v-${key}`);
      if (votes) votes.score = score;
    }
  }

  #changed(frame) {
    const { count, comment, parent, change } = frame;
    if (change !== "created") {
      this.#counted(count);
      return this.tree.refresh(comment);
    }
    if (this.tree.querySelector("comment-form[aria-busy]")) return setTimeout(() => this.#changed(frame), SENDING);
    const more = count - this.count;
    this.#counted(count);
    if (this.#own.has(comment)) return;
    const above = parent && this.tree.comment(parent);
    if (this.tree.hasAttribute("data-thread") && !above) return;
    this.#tell(Math.max(1, more));
    if (above) this.#mark(above);
  }

  #counted(count) {
    this.count = count;
    this.title.textContent = word("comment_count", { count });
  }

  #tell(more) {
    this.#waiting += more;
    this.pill.textContent = word("new_comments", { count: this.#waiting });
    if (this.pill.hidden) say(this.pill.textContent);
    this.pill.hidden = false;
  }

  /** "1 new answer", where it stands. */
  #mark(comment) {
    const foot = comment.querySelector(":scope > .comment__thread > .comment__foot");
    const mark = foot?.querySelector(".comment__fresh") ?? element('<button type="button" class="comment__fresh"></button>');
    mark.dataset.fresh = Number(mark.dataset.fresh ?? 0) + 1;
    mark.textContent = word("new_answers", { count: Number(mark.dataset.fresh) });
    foot?.append(mark);
  }

  /** Something may have been missed: ask whether there is anything new. */
  async #missed() {
    const part = await this.tree.part({ since: this.tree.dataset.last }).catch(() => null);
    const news = [...(part?.querySelectorAll(".comment") ?? [])].filter((each) => !this.tree.comment(each.dataset.id));
    if (news.length > this.#waiting) this.#tell(news.length - this.#waiting);
  }

  /** Show what is new, each where it belongs; what answers `under` is looked at first. */
  async load(under = null) {
    const { tree } = this;
    const part = await tree.part({ since: tree.dataset.last }).catch(() => null);
    if (!part) return;
    const all = [...part.querySelectorAll(".comment")];
    for (const comment of all) comment.classList.add("comment--new");
    tree.dataset.last = Math.max(tree.dataset.last, ...all.map((comment) => Number(comment.dataset.number)));
    const added = all.filter((comment) => this.#place(comment));
    for (const mark of tree.querySelectorAll(".comment__fresh")) mark.remove();
    this.#waiting = 0;
    this.pill.hidden = true;
    tree.focusOn(added.find((comment) => under?.contains(comment)) ?? added[0]);
  }

  /** Put a new comment where it belongs, with the new ones in it; false where it is already, or belongs to nothing that is shown. */
  #place(comment) {
    const { tree } = this;
    if (tree.comment(comment.dataset.id)) return false;
    const under = comment.parentElement.closest(".comment")?.dataset.id ?? comment.parentElement.dataset.under;
    const above = tree.comment(under);
    const list = above ? tree.answers(above) : under === tree.dataset.post ? tree.list : null;
    if (list) tree.add(list, [comment], true);
    return list !== null;
  }
}
