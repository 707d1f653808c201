/** Through the messages by keyboard: the list is one stop of the Tab key, its messages lie behind the arrows. */

import { emit } from "../page.js";

const STEPS = { ArrowUp: -1, ArrowDown: 1 };

/** Answer a key pressed in `list`: ↑ ↓ Home End go from message to message, Escape out of one. */
export function walk(list, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const article = event.target.closest("article.message");
  if (article && article !== event.target) return outOf(list, article, event);
  const articles = list.timeline.articles;
  const next = target(articles, articles.indexOf(article), event.key);
  if (event.key === "Escape") emit("compose");
  else if (next) next.focus();
  else return;
  event.preventDefault();
}

function target(articles, at, key) {
  if (key === "Home") return articles[0];
  if (key === "End") return articles.at(-1);
  if (!(key in STEPS)) return null;
  return at < 0 ? articles.at(-1) : articles[at + STEPS[key]];
}

/** From a link or tool of a message back to the message itself. */
function outOf(list, article, event) {
  if (event.key !== "Escape" || event.target.closest("message-editor") || list.querySelector(":popover-open")) return;
  article.focus();
}

/** The Tab key passes `list` in one stop: what lies in a message is reached from that message only. */
export function oneStop(list) {
  document.addEventListener("keydown", (event) => event.key === "Tab" && list.isConnected && stepOver(list), true);
}

/** Out of the Tab order for as long as the browser looks for the next stop. */
function stepOver(list) {
  const here = document.activeElement?.closest("article.message");
  const stops = [...list.querySelectorAll("article.message :is(a[href], button, summary, [tabindex])")];
  const passed = stops.filter((stop) => stop.tabIndex >= 0 && stop.closest("article.message") !== here);
  const before = passed.map((stop) => stop.getAttribute("tabindex"));
  for (const stop of passed) stop.tabIndex = -1;
  setTimeout(() => {
    passed.forEach((stop, at) => (before[at] === null ? stop.removeAttribute("tabindex") : stop.setAttribute("tabindex", before[at])));
  });
}
