/** Buttons that copy an address of this site, or what a field holds; hidden where no script can. */

import { toast } from "./elements/toast-region.js";
import { say, word } from "./page.js";

export async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link);
    toast(word("link_copied"));
  } catch {
    toast(word("link_not_copied", { link }));
  }
}

async function copyField(button) {
  const field = document.getElementById(button.dataset.copyFrom);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    say((button.lastChild.textContent = word("copied")));
  } catch {
    toast(word("went_wrong"), "bad");
  }
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-copy-from]");
  if (button) copyField(button);
  const path = target.closest?.("[data-copy]")?.dataset.copy;
  if (path) copyLink(new URL(path, location.href).href);
});

for (const button of document.querySelectorAll("[data-copy][hidden], [data-copy-from][hidden]")) button.hidden = false;
