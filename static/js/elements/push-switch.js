/** <push-switch>: pushes in this browser, on or off. And the offer to turn them on, once somebody was meant in person. */

import { element, idOf, me, word } from "../page.js";
import { isPossible, pushState, turnOff, turnOn } from "../push.js";
import { socket } from "../socket.js";
import { toast } from "./toast-region.js";

const ASKED = "chatter:push-asked";

class PushSwitch extends HTMLElement {
  async connectedCallback() {
    this.#show(await pushState());
  }

  #show(state) {
    const text = document.createElement("p");
    text.textContent = word(`push_${state}`);
    this.replaceChildren(text);
    this.dataset.state = state;
    if (state !== "on" && state !== "off") return;
    const button = element('<button type="button" class="button"></button>');
    button.textContent = word(state === "on" ? "push_turn_off" : "push_turn_on");
    button.addEventListener("click", () => this.#change(button, state === "on" ? turnOff : turnOn));
    this.append(button);
  }

  async #change(button, change) {
    button.disabled = true;
    try {
      this.#show(await change());
      this.querySelector("button")?.focus();
    } catch {
      button.disabled = false;
      toast(word("push_failed"), "bad");
    }
  }
}

customElements.define("push-switch", PushSwitch);

/** Offer pushes when somebody writes to this person or names them: never on a page's load, and never twice. */
export function offerPush() {
  if (!isPossible() || Notification.permission !== "default" || localStorage.getItem(ASKED)) return;
  // One that is not known yet was just begun with this person.
  const kindOf = (id) => socket.hello?.conversations.find((place) => place.id === id)?.kind ?? "direct";
  socket.addEventListener("mention", offer);
  socket.addEventListener("conversation.activity", ({ detail }) => {
    if (kindOf(detail.conversation) === "direct" && idOf(detail.sender) !== me.id) offer();
  });
}

function offer() {
  if (localStorage.getItem(ASKED) || document.querySelector(".toast--offer")) return;
  const card = element('<div class="toast toast--offer" role="group"><span></span><button type="button" class="button button--small button--primary"></button><button type="button" class="button button--small"></button></div>');
  const [words, yes, no] = card.children;
  card.ariaLabel = words.textContent = word("push_offer");
  yes.textContent = word("push_turn_on");
  no.textContent = word("push_not_now");
  const done = () => (localStorage.setItem(ASKED, me.id), card.remove());
  no.addEventListener("click", done);
  yes.addEventListener("click", () => (done(), turnOn().catch(() => toast(word("push_failed"), "bad"))));
  document.querySelector("toast-region").append(card);
}
