/** Hidden text shows itself to whoever asks, by pointer or keyboard. */

import { word } from "./page.js";

/** Make the spoilers in `root` reachable: without scripts they show when pointed at. */
export function prepareSpoilers(root) {
  for (const spoiler of root.querySelectorAll(".spoiler:not(.spoiler--open)")) {
    spoiler.tabIndex = 0;
    spoiler.setAttribute("role", "button");
    spoiler.ariaLabel = word("spoiler_show");
  }
}

function show(event) {
  const spoiler = event.target.closest?.('.spoiler[role="button"]');
  if (!spoiler) return;
  event.preventDefault();
  spoiler.classList.add("spoiler--open");
  for (const attribute of ["role", "aria-label", "tabindex"]) spoiler.removeAttribute(attribute);
}

document.addEventListener("click", show);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === " ") show(event);
});
