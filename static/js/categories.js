/** Categories of channels that this browser keeps closed. */

const KEY = "chatter:closed-categories";
const MOST = 500;

function closed() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return new Set(Array.isArray(kept) ? kept : []);
  } catch {
    return new Set();
  }
}

/** Close what was closed, under `root`; and remember what is closed and opened there. */
export function keepCategories(root) {
  const shut = closed();
  for (const category of categoriesIn(root)) {
    category.open = !shut.has(category.dataset.category);
    // The event of setting it comes later and says nothing new.
    category.addEventListener("toggle", () => remember(category));
  }
}

/** While one searches everything is open; afterwards as it was. */
export function openCategories(root, all) {
  const shut = closed();
  root.toggleAttribute("data-searching", all);
  for (const category of categoriesIn(root)) category.open = all || !shut.has(category.dataset.category);
}

const categoriesIn = (root) => root.querySelectorAll("details[data-category]");

function remember(category) {
  if (category.closest("[data-searching]")) return;
  const shut = closed();
  shut.delete(category.dataset.category);
  if (!category.open) shut.add(category.dataset.category);
  localStorage.setItem(KEY, JSON.stringify([...shut].slice(-MOST)));
}
