// The emoji picker of static/vendor, made to live under a strict Content-Security-Policy and in our colours.
// A custom element like any other: new EmojiPanel({ locale }), then listen for "emoji-click" (event.detail.unicode).

import Picker from "../vendor/emoji-picker-element/picker.js";

const DATA_LANGUAGES = ["en", "de"];
const WORD_LANGUAGES = ["en", "de", "ar"];

const theme = new CSSStyleSheet();
theme.replaceSync(`
  :host {
    color-scheme: inherit;
    inline-size: 22rem;
    max-inline-size: 100%;
    block-size: 24rem;
    max-block-size: 70dvh;
    --num-columns: 8;
    --emoji-size: 1.375rem;
    --emoji-padding: 0.375rem;
    --category-font-size: var(--t-xs, 0.75rem);
    --input-font-size: var(--t-s, 0.875rem);
    --background: var(--raised);
    --border-color: var(--line);
    --border-radius: var(--r2, 10px);
    --indicator-color: var(--accent);
    --input-border-color: var(--line);
    --input-border-radius: var(--r2, 10px);
    --input-font-color: var(--ink);
    --input-placeholder-color: var(--ink-3);
    --outline-color: var(--accent);
    --category-font-color: var(--ink-2);
    --button-active-background: var(--accent-soft);
    --button-hover-background: var(--sunken);
  }
  @media (max-width: 24rem) { :host { --num-columns: 7; } }
  @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
`);

// The picker writes style attributes, which the policy forbids; the same declarations through the CSSOM are allowed.
const setAttribute = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (name, value) {
  if (name === "style") this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

export class EmojiPanel extends Picker {
  // The picker puts a <style> into its shadow root; adopted sheets are what the policy allows.
  attachShadow(options) {
    const root = super.attachShadow(options);
    root.appendChild = (node) => {
      if (!(node instanceof HTMLStyleElement)) return Node.prototype.appendChild.call(root, node);
      const own = new CSSStyleSheet();
      own.replaceSync(node.textContent);
      root.adoptedStyleSheets = [own, theme];
      return node;
    };
    return root;
  }

  focus(options) {
    this.shadowRoot.querySelector("input")?.focus(options);
  }
}

customElements.define("emoji-panel", EmojiPanel);

/** A panel in the page's language, with its own words and emoji names. */
export async function createEmojiPanel(language = document.documentElement.lang) {
  const primary = language.split("-")[0].toLowerCase();
  const locale = DATA_LANGUAGES.includes(primary) ? primary : "en";
  const words = WORD_LANGUAGES.includes(primary) ? primary : "en";
  const { default: i18n } = await import(`../vendor/emoji-picker-element/i18n/${words}.js`);
  return new EmojiPanel({ locale, i18n, dataSource: emojiData(locale) });
}

/** Address of the emoji names in a language; also of the compact table of shortcodes: emojiData("shortcodes"). */
export function emojiData(name) {
  return new URL(`../vendor/emojibase/${name}.json`, import.meta.url).href;
}
