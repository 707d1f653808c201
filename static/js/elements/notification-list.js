/** <notification-list>: the page of notifications; what comes and what is read elsewhere shows without reloading. */

import { debounced, fragment, say, word } from "../page.js";
import { socket } from "../socket.js";
import { toast } from "./toast-region.js";

class NotificationList extends HTMLElement {
  #soon = debounced(() => this.#refresh(), 300);

  connectedCallback() {
    this.tabIndex = -1;
    this.addEventListener("submit", (event) => this.#mark(event));
    socket.addEventListener("notification.created", () => this.#soon());
    socket.addEventListener("notification.read", () => this.#soon());
  }

  async #mark(event) {
    if (!event.target.matches("[data-mark]")) return;
    event.preventDefault();
    const form = event.target;
    const body = new URLSearchParams(new FormData(form));
    const headers = { Accept: "application/json" };
    const answer = await fetch(form.action, { method: "POST", body, headers }).catch(() => null);
    if (!answer?.ok) return toast(word("went_wrong"), "bad");
    const item = form.closest("[data-notification]");
    await this.#refresh(item?.dataset.notification);
    say(word(item ? "notification_read" : "notifications_read"));
  }

  /** The page draws the rows, so it is asked. What had the focus keeps it, or the list does. */
  async #refresh(marked) {
    const held = this.contains(document.activeElement) || marked !== undefined;
    const address = marked ?? document.activeElement?.closest("[data-notification]")?.dataset.notification;
    try {
      const fresh = await fragment(location.href, "notification-list", "list");
      this.replaceChildren(...fresh.childNodes);
    } catch {
      // What is shown is a little old; the next event asks again.
      return;
    }
    if (held) (this.querySelector(`[data-notification="${address}"] a`) ?? this).focus();
  }
}

customElements.define("notification-list", NotificationList);
