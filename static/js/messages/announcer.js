/** Tells a screen reader what arrives: each message while there are few, their number when there are many. */

import { debounced, say, word } from "../page.js";
import { senderOf, textOf } from "./article.js";

const PAUSE = 800;
const FEW = 3;
const LENGTH = 200;

export class Announcer {
  #waiting = [];
  #soon = debounced(() => this.#speak(), PAUSE);

  arrived(article) {
    this.#waiting.push(`${senderOf(article)}: ${textOf(article).slice(0, LENGTH)}`);
    if (this.#waiting.length === 1) this.#soon();
  }

  #speak() {
    const waiting = this.#waiting.splice(0);
    say(waiting.length > FEW ? word("new_messages", { count: waiting.length }) : waiting.join("\n"));
  }
}
