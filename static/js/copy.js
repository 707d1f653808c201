/** Buttons that copy an address of this site; hidden where no script can. */

import { toast } from "./elements/toast-region.js";
import { word } from "./page.js";

export async function copyLink(link) {
  try {
    await navigator.clipboard.writeText(link);
    toast(word("link_copied"));
  } catch {
    toast(word("link_not_copied", { link }));
  }
}

document.addEventListener("click", ({ target }) => {
  const path = target.closest?.("[data-copy]")?.dataset.copy;
  if (path) copyLink(new URL(path, location.href).href);
});

for (const button of document.querySelectorAll("[data-copy][hidden]")) button.hidden = false;
