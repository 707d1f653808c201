/** <vote-buttons>: a vote shows at once, and is taken back where the server refuses it. Without scripts the buttons submit a form. */

import { me, say, word } from "../page.js";
import { toast } from "./toast-region.js";

const SAID = { 1: "voted_up", 0: "vote_taken_back", "-1": "voted_down" };

class VoteButtons extends HTMLElement {
  #wanted = null; // the vote to be cast next, while another is on its way

  connectedCallback() {
    if (me.id) this.addEventListener("click", this.#press);
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#press);
  }

  /** A score that became known; not while one's own vote is on its way, whose answer brings it. */
  set score(value) {
    if (this.#wanted === null && value !== null) this.#number.textContent = value;
  }

  get #number() {
    return this.querySelector(".votes__score");
  }

  get #arrows() {
    return this.querySelectorAll("button.votes__arrow");
  }

  get mine() {
    const [up, down] = this.#arrows;
    return up?.ariaPressed === "true" ? 1 : down?.ariaPressed === "true" ? -1 : 0;
  }

  #press = (event) => {
    const button = event.target.closest("button.votes__arrow");
    if (!button) return;
    event.preventDefault();
    const chosen = button === this.#arrows[0] ? 1 : -1;
    this.#vote(this.mine === chosen ? 0 : chosen);
  };

  async #vote(value) {
    const before = { mine: this.mine, score: this.#number.textContent };
    const isOnItsWay = this.#wanted !== null;
    this.#show(value);
    this.#wanted = value;
    if (isOnItsWay) return;
    try {
      let answer;
      for (let sent = null; sent !== this.#wanted; ) {
        sent = this.#wanted;
        answer = await this.#send(sent);
      }
      if (answer.score !== null) this.#number.textContent = answer.score;
      say(word(SAID[answer.mine], { score: this.#number.textContent }));
    } catch (error) {
      this.#mark(before.mine);
      this.#number.textContent = before.score;
      toast(error.refusal ?? word("went_wrong"), "bad");
    } finally {
      this.#wanted = null;
    }
  }

  async #send(value) {
    const [target, key] = this.#arrows[0].value.split(".");
    const form = document.getElementById("vote");
    const token = form.elements.csrfmiddlewaretoken.value;
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams({ vote: `${target}.${key}.${value}` }),
      headers: { "X-CSRFToken": token, Accept: "application/json" },
    });
    const told = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(answer.status), { refusal: told.error?.message });
    return told;
  }

  #show(value) {
    const score = Number(this.#number.textContent);
    if (!Number.isNaN(score)) this.#number.textContent = score + value - this.mine;
    this.#mark(value);
  }

  /** Which arrow is pressed, and what each would submit without scripts. */
  #mark(value) {
    for (const [place, arrow] of this.#arrows.entries()) {
      const own = place === 0 ? 1 : -1;
      arrow.ariaPressed = String(value === own);
      arrow.value = `${arrow.value.split(".").slice(0, 2).join(".")}.${value === own ? 0 : own}`;
    }
  }
}

customElements.define("vote-buttons", VoteButtons);
