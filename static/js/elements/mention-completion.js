/** <mention-completion>: offers people after `@` and emoji after `:` in the field of its form. */

import { avatarOf } from "../avatar.js";
import { callsOf } from "../calls.js";
import { Listbox } from "../listbox.js";
import { say, word } from "../page.js";
import { matching, members, searchPeople } from "../people.js";
import { emojiNamed } from "../shortcodes.js";

const MOST = 8;
const MOST_CALLS = 4;
const KINDS = [
  { pattern: /(?:^|[\s([{*_~"'])@([\p{L}\p{N}_-]{0,50})$/u, find: findCallees, draw: drawCallee, text: ({ username, spelled }) => `@${spelled ?? username} ` },
  { pattern: /(?:^|[\s([{*_~"']):([a-z0-9_+-]{2,40})$/i, find: findEmoji, draw: drawEmoji, text: ([emoji]) => `${emoji} ` },
];

class MentionCompletion extends HTMLElement {
  #area;
  #box;
  #kind = null;
  #length = 0;
  #asked = 0;

  connectedCallback() {
    this.#area = this.closest("form").querySelector("textarea");
    this.#box = new Listbox(this, this.#area, { label: word("suggestions_label"), choose: (item) => this.#insert(item) });
    this.#area.addEventListener("input", () => this.#look());
    this.#area.addEventListener("click", () => this.#box.close());
  }

  async #look() {
    const asked = ++this.#asked;
    const { value, selectionStart, selectionEnd } = this.#area;
    const before = selectionStart === selectionEnd ? value.slice(0, selectionStart) : "";
    const kind = KINDS.find(({ pattern }) => pattern.test(before));
    if (!kind) return this.#box.close();
    const [, text] = kind.pattern.exec(before);
    const found = await kind.find(text).catch(() => []);
    if (asked !== this.#asked) return;
    const wasOpen = this.#box.open;
    this.#kind = kind;
    this.#length = text.length + 1;
    this.#box.show(found, kind.draw);
    if (found.length && !wasOpen) say(word("suggestions", { count: found.length }));
  }

  #insert(item) {
    const end = this.#area.selectionStart;
    this.#area.setRangeText(this.#kind.text(item), end - this.#length, end, "end");
    this.#area.dispatchEvent(new Event("input", { bubbles: true }));
    this.#area.focus();
  }
}

/** People first; then what calls several of them. */
async function findCallees(text) {
  const [people, calls] = await Promise.all([findPeople(text), findCalls(text)]);
  return [...people.slice(0, MOST - calls.length), ...calls];
}

async function findCalls(text) {
  const conversation = document.querySelector("message-list")?.dataset.conversation;
  if (!conversation) return [];
  const { everyone, names } = await callsOf(conversation);
  const common = everyone ? ["everyone", "here"].map((name) => ({ spelled: name, name: word(`call_${name}`) })) : [];
  const wanted = text.toLocaleLowerCase();
  const fits = ({ spelled }) =>
    spelled.toLocaleLowerCase().split("-").some((part) => part.startsWith(wanted)) ||
    spelled.toLocaleLowerCase().startsWith(wanted);
  return [...common, ...names].filter(fits).slice(0, MOST_CALLS);
}

/** Members the page lists; where it lists none that fit, the server knows the rest. */
async function findPeople(text) {
  const here = matching(members(), text).slice(0, MOST);
  const within = document.querySelector("message-list")?.dataset.conversation;
  if (here.length || !text || !within) return here;
  return (await searchPeople("/people/search/", text, { within })).slice(0, MOST);
}

function findEmoji(text) {
  return emojiNamed(text, MOST);
}

function drawCallee(callee) {
  if (!callee.spelled) return drawPerson(callee);
  const { name, spelled, hue } = callee;
  const [dot, called, words] = ["span", "span", "small"].map((tag) => document.createElement(tag));
  dot.className = Number.isInteger(hue) ? `callee tinted hue-${hue}` : "callee";
  dot.ariaHidden = "true";
  called.textContent = `@${spelled}`;
  words.textContent = hue === undefined ? name : word("call_role");
  return [dot, called, words];
}

function drawPerson(person) {
  const { username, name } = person;
  const shown = document.createElement("span");
  const handle = document.createElement("small");
  shown.textContent = name;
  handle.textContent = `@${username}`;
  return [avatarOf(person, "s"), shown, handle];
}

function drawEmoji([emoji, name]) {
  const picture = document.createElement("span");
  picture.textContent = emoji;
  return [picture, `:${name}:`];
}

customElements.define("mention-completion", MentionCompletion);
