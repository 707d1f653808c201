/** The parts of the open page that say what I may do there, put in place anew: the bar with its menu, the field to write in. */

const FIELD = ".talk__foot > :is(message-composer, .composer--locked)";

/** Take them from `page`, which the server drew just now. */
export function renewParts(page) {
  renew(page, ".talk > header.bar", "header.bar");
  renew(page, "#talk-menu:not(:popover-open)", "#talk-menu");
  const old = document.querySelector(FIELD);
  const fresh = page.querySelector(FIELD);
  if (!old || !fresh) return;
  // What is being written stays where it is, as long as it may be.
  if (old.localName === "message-composer" && fresh.localName === "message-composer")
    old.dataset.maxLength = fresh.dataset.maxLength;
  else old.replaceWith(document.adoptNode(fresh));
}

function renew(page, here, there) {
  const old = document.querySelector(here);
  const fresh = page.querySelector(there);
  if (old && fresh) old.replaceWith(document.adoptNode(fresh));
}
