/** The side of the page (the rail's places, the side bar) read again from the page: once for all who ask within a moment. */

import { emit, pageAt } from "./page.js";

const TOGETHER = 400;
// A change that everybody hears of at once is not asked about by everybody at once.
const SPREAD = 1500;

let timer = null;

export function readSideAgain({ spread = false } = {}) {
  timer ??= setTimeout(read, TOGETHER + (spread ? Math.random() * SPREAD : 0));
}

async function read() {
  timer = null;
  try {
    emit("side", { page: await pageAt(location.href, "places") });
  } catch {
    // It stays a little old; the next change asks again.
  }
}
