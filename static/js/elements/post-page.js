/** <post-page>: the open post. When it was changed, marked, or its link was looked at, it shows so; what was opened stays open. */

import { fragment } from "../page.js";
import { watch } from "../watching.js";

class PostPage extends HTMLElement {
  #stop;

  connectedCallback() {
    this.#stop = watch(this.dataset.post, (frame) => {
      if (frame.event === "post.changed") this.#refresh();
    });
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  async #refresh() {
    const old = this.querySelector(".post__main");
    // Somebody is choosing in it: the next change will do.
    if (!old || old.contains(document.activeElement)) return;
    const fresh = await fragment(location.href, ".post__main", "post").catch(() => null);
    if (!fresh) return;
    const opened = [...old.querySelectorAll("details")].map((each) => each.open);
    fresh.querySelectorAll("details").forEach((each, place) => (each.open = opened[place] ?? false));
    for (const button of fresh.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
    old.replaceWith(fresh);
  }
}

customElements.define("post-page", PostPage);
