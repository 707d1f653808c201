/** <poll-box>: the poll of a post. Votes without leaving the page; bars and numbers follow everybody's votes. */

import { fragment, post, say, word } from "../page.js";
import { watch } from "../watching.js";
import { toast } from "./toast-region.js";

class PollBox extends HTMLElement {
  #stop;

  connectedCallback() {
    this.#stop = watch(this.dataset.post, (frame) => {
      if (frame.event === "poll.changed") this.#show(frame);
    });
    this.querySelector("form")?.addEventListener("submit", (event) => this.#vote(event));
  }

  disconnectedCallback() {
    this.#stop?.();
  }

  async #vote(event) {
    event.preventDefault();
    const form = event.target;
    const { submitter } = event;
    const fields = new URLSearchParams(new FormData(form, submitter));
    submitter.disabled = true;
    try {
      await post(form.action, fields);
      const fresh = await fragment(location.href, "poll-box", "post");
      this.replaceWith(fresh);
      say(fresh.querySelector("[data-voters]").textContent);
      fresh.querySelector("input:checked, button")?.focus();
    } catch {
      submitter.disabled = false;
      toast(word("vote_refused"), "bad");
    }
  }

  #show({ votes, voters }) {
    for (const line of this.querySelectorAll("[data-option]")) {
      const count = votes[line.dataset.option] ?? 0;
      const share = voters ? Math.round((100 * count) / voters) : 0;
      line.querySelector("[data-votes]").textContent = count;
      line.querySelector("[data-share]").textContent = `${share} %`;
      line.querySelector("progress").value = share;
    }
    this.querySelector("[data-voters]").textContent = word("poll_voters", { count: voters });
  }
}

customElements.define("poll-box", PollBox);
