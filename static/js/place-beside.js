/** Where something that floats lies: below what it is about, or above it, and never outside of the window. */

const GAP = 6;
const EDGE = 8;

/** Put `floating` (in the top layer, fixed) beside `anchor`. */
export function keepInside(floating, anchor) {
  const about = anchor.getBoundingClientRect();
  const { width, height } = floating.getBoundingClientRect();
  const isRtl = getComputedStyle(floating).direction === "rtl";
  const left = isRtl ? about.right - width : about.left;
  const below = about.bottom + GAP;
  const top = below + height <= innerHeight - EDGE ? below : about.top - GAP - height;
  floating.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - width - EDGE))}px`;
  floating.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - height - EDGE))}px`;
}
