/** Messages of people whom I block, in shared rooms: folded into a line that opens; as chat/folding.py does on pages. */

import { element, idOf, word } from "./page.js";

const blocked = new Set(document.body.dataset.blocked?.split(" "));

/** Is what `sender` says kept from me? Not between the two of us: there I look for it. */
export function isHidden(sender, kind = document.querySelector("message-list")?.dataset.kind) {
  return kind !== "direct" && blocked.has(idOf(sender));
}

/** Fold `article` if its sender is blocked, and empty what it quotes of somebody who is. */
export function fold(article) {
  for (const quote of article.querySelectorAll(".message__quote")) if (isHidden(quote.dataset.sender)) emptyQuote(quote);
  const hidden = isHidden(article.dataset.sender) && !article.dataset.deleted;
  article.classList.toggle("message--folded", hidden);
  if (hidden) article.classList.remove("message--mention");
  const line = lineOf(article);
  if (!hidden) line?.remove();
  else if (!line) article.querySelector(".message__body")?.prepend(newLine());
}

/** The newer form of a message that was opened is open. */
export function keepOpen(old, article) {
  const line = lineOf(article);
  if (line && lineOf(old)?.open) line.open = true;
}

const lineOf = (article) => article.querySelector(":scope > .message__body > .message__fold");

function newLine() {
  const line = element(
    '<details class="message__fold"><summary><span></span> · <span class="message__fold-show"></span><span class="message__fold-hide"></span></summary></details>',
  );
  const [said, show, hide] = line.querySelectorAll("span");
  said.textContent = word("blocked_message");
  show.textContent = word("blocked_show");
  hide.textContent = word("blocked_hide");
  return line;
}

function emptyQuote(quote) {
  if ("folded" in quote.dataset || !quote.querySelector("b")) return;
  quote.dataset.folded = "";
  quote.replaceChildren(element("<span></span>"));
  quote.firstElementChild.textContent = word("blocked_message");
}
