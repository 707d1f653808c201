/** Tells the server the zone of this browser, for people who go by it: pages then have their times right from the start. */

import { me, post } from "./page.js";

export function tellZone() {
  const { browserZone } = document.body.dataset;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  // Without it times are as they were; the next page tries again.
  if (me.id && browserZone !== undefined && here && here !== browserZone) post("/settings/zone/", { zone: here }).catch(() => {});
}
