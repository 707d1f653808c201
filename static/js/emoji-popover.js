/** The emoji picker, one for the page, opened beside whatever asks for an emoji. Loaded when it is first wanted. */

import { word } from "./page.js";

const GAP = 8;
const PHONE = 720; // there it lies at the lower edge, as wide as the screen
let popover = null;
let chosen = null;

/** Open the picker beside `anchor`; `choose(emoji)` is called with what was picked, if anything was. */
export async function pickEmoji(anchor, choose) {
  if (popover?.matches(":popover-open")) return popover.hidePopover();
  popover ??= await make();
  chosen = choose;
  popover.showPopover();
  placeBeside(popover, anchor);
  popover.firstElementChild.focus();
}

async function make() {
  const { createEmojiPanel } = await import("./emoji-panel.js");
  const panel = await createEmojiPanel();
  panel.addEventListener("emoji-click", ({ detail }) => {
    popover.hidePopover();
    chosen?.(detail.unicode);
  });
  const made = document.createElement("div");
  made.id = "emoji-popover";
  made.className = "emoji-popover";
  made.popover = "auto";
  made.setAttribute("role", "dialog");
  made.ariaLabel = word("emoji");
  made.append(panel);
  document.body.append(made);
  return made;
}

/** Above the anchor where there is room, else below; never over the edge of the window. */
function placeBeside(box, anchor) {
  if (innerWidth <= PHONE) return box.removeAttribute("style");
  const { top, bottom, left, width } = anchor.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = box;
  const above = top - GAP - offsetHeight;
  const y = above >= GAP ? above : Math.min(bottom + GAP, innerHeight - offsetHeight - GAP);
  const x = Math.min(Math.max(GAP, left + width / 2 - offsetWidth / 2), innerWidth - offsetWidth - GAP);
  Object.assign(box.style, { inset: "auto", top: `${Math.max(GAP, y)}px`, left: `${Math.max(0, x)}px` });
}
