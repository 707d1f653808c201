/** <emoji-button>: puts an emoji into the text being written. */

import { pickEmoji } from "../emoji-popover.js";

class EmojiButton extends HTMLElement {
  connectedCallback() {
    this.hidden = false;
    this.querySelector("button").addEventListener("click", ({ currentTarget }) => {
      const area = this.closest("form").querySelector("textarea");
      pickEmoji(currentTarget, (emoji) => {
        area.focus();
        area.setRangeText(emoji, area.selectionStart, area.selectionEnd, "end");
        area.dispatchEvent(new Event("input", { bubbles: true }));
      });
    });
  }
}

customElements.define("emoji-button", EmojiButton);
