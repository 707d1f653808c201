/** Moving rows among their like: who stands beside, what is near a pointer, scrolling along at the edges. */

// So near to an edge of what scrolls, it scrolls along.
const EDGE = 56;
const STEP = 12;

export const sibling = (row, way) => (way > 0 ? row.nextElementSibling : row.previousElementSibling);
export const putBeside = (row, other, way) => (way > 0 ? other.after(row) : other.before(row));

export function middle(row) {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
}

/** The one of `rows` that `y` is in, or nearest to. */
export function nearest(rows, y) {
  const away = (row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return Math.max(top - y, y - bottom, 0);
  };
  return rows.reduce((best, row) => (best && away(best) <= away(row) ? best : row), null);
}

/** Scroll a step where `y` is near an edge of `scroller`; answers whether it did. */
export function scrollAlong(scroller, y) {
  if (!scroller) return false;
  const { top, bottom } = scroller.getBoundingClientRect();
  const way = y < top + EDGE ? -STEP : y > bottom - EDGE ? STEP : 0;
  if (way) scroller.scrollBy(0, way);
  return way !== 0;
}
