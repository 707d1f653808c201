/** Emoji by their names, for what follows a colon. */

let table = null;

function load() {
  table ??= import("./emoji-panel.js")
    .then(({ emojiData }) => fetch(emojiData("shortcodes")))
    .then((response) => response.json());
  table.catch(() => (table = null));
  return table;
}

/** Up to `most` of [emoji, name] whose name begins with `text`, then those that hold it. */
export async function emojiNamed(text, most = 8) {
  const wanted = text.toLowerCase();
  const begin = [];
  const hold = [];
  for (const [emoji, names] of await load()) {
    const starting = names.find((name) => name.startsWith(wanted));
    const holding = starting ?? names.find((name) => name.includes(wanted));
    if (starting) begin.push([emoji, starting]);
    else if (holding) hold.push([emoji, holding]);
  }
  begin.sort((a, b) => a[1].length - b[1].length);
  return [...begin, ...hold].slice(0, most);
}
