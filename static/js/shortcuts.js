/** Keys that work anywhere on the page; `?` shows them. */

import { emit } from "./page.js";

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") return take(event, focusSearch);
  if (event.altKey && !event.ctrlKey && event.key === "ArrowUp") return take(event, () => goBeside(-1));
  if (event.altKey && !event.ctrlKey && event.key === "ArrowDown") return take(event, () => goBeside(1));
  if (event.key === "?" && !writing(event.target)) return take(event, showHelp);
  if (event.key === "Escape" && event.target.id === "search") return take(event, leaveSearch);
});

function take(event, action) {
  event.preventDefault();
  action();
}

const writing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog") !== null;

function focusSearch() {
  const search = document.getElementById("search");
  search?.focus();
  search?.select();
}

function leaveSearch() {
  const search = document.getElementById("search");
  search.value = "";
  search.dispatchEvent(new Event("input", { bubbles: true }));
  emit("compose");
}

/** The conversation above or below the open one in the side bar. */
function goBeside(step) {
  const rows = [...document.querySelectorAll("conversation-list a.place")].filter((row) => row.checkVisibility());
  const at = rows.findIndex((row) => row.ariaCurrent === "page");
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) location.assign(next.href);
}

function showHelp() {
  const dialog = document.getElementById("shortcuts");
  if (dialog && !dialog.open) dialog.showModal();
}
