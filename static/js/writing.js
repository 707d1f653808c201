/** What every field for messages does: grows, counts, and knows which key sends. */

import { word } from "./page.js";

const NEAR = 200; // characters before the limit from which on they are counted

/** Length as the server counts it: Unicode code points, without blank lines around. */
export const lengthOf = (text) => [...text.replace(/^\s*\n|\s+$/g, "")].length;

export function autosize(area) {
  if (CSS.supports("field-sizing", "content")) return;
  area.style.blockSize = "auto";
  area.style.blockSize = `${area.scrollHeight}px`;
}

/** Show in `output` how much room is left, once it gets tight. */
export function showLength(output, text, most) {
  if (!output || !most) return;
  const left = most - lengthOf(text);
  output.hidden = left > NEAR;
  output.toggleAttribute("data-over", left < 0);
  output.textContent = left < 0 ? word("over", { count: -left }) : word("left", { count: left });
}

/** Enter sends, unless it ends a composition, makes a line (Shift, or by choice), or lies on a screen keyboard. */
export function submitsOn(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return false;
  if (event.ctrlKey || event.metaKey) return true;
  if ("enterBreaks" in document.documentElement.dataset) return false;
  return !event.shiftKey && !event.altKey && !matchMedia("(hover: none) and (pointer: coarse)").matches;
}
