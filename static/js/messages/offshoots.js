/** What was made of messages elsewhere: links under them that this reader's page knows, and pushed articles do not. */

/** Put those that the page `fresh`, drawn just now, lists under their messages, and no others. */
export function showOffshoots(list, fresh) {
  const found = fresh.querySelector("[data-offshoots]");
  if (!found) return;
  const items = new Map([...found.children].map((item) => [item.dataset.number, item]));
  for (const article of list.querySelectorAll("article.message[data-number]")) {
    const links = items.get(article.dataset.number);
    if (!links || article.dataset.deleted) continue;
    for (const old of article.querySelectorAll(":scope > .message__offshoot")) old.remove();
    article.querySelector(".reactions")?.before(...document.adoptNode(links).childNodes);
  }
}

/** The newer form of a message says nothing of them: they stay as they were. */
export function keepOffshoots(old, article) {
  if (!article.dataset.deleted) article.querySelector(".reactions")?.before(...old.querySelectorAll(":scope > .message__offshoot"));
}
