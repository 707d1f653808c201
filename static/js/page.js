/** What the page says of itself: who looks at it, its words, its token; and how more of it is fetched. */

const { userId, username, name } = document.body.dataset;

export const me = { id: userId ?? null, username: username ?? "", name: name ?? "" };

const words = JSON.parse(document.getElementById("labels")?.textContent ?? "{}");
const language = document.documentElement.lang || undefined;
const plural = new Intl.PluralRules(language);

/** The page's word for `key`, `{names}` filled in; with a `count`, the form the language wants for it. */
export function word(key, values = {}) {
  const form = "count" in values ? words[`${key}.${plural.select(values.count)}`] ?? words[`${key}.other`] : undefined;
  return (form ?? words[key] ?? key).replace(/\{(\w+)\}/g, (all, field) => values[field] ?? all);
}

/** Fill the elements that say which word they want: pushed markup carries none. */
export function fillWords(root) {
  for (const element of root.querySelectorAll("[data-label]")) {
    if (!element.textContent.trim()) element.textContent = word(element.dataset.label);
  }
}

/** POST a form as the page would; rejects when the server refuses. */
export async function post(url, fields = {}, options = {}) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const headers = { "X-CSRFToken": token, Accept: "application/json" };
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, ...options });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}

/** The page at `url` as a document: the whole of it, or only the part called `part`. */
export async function pageAt(url, part) {
  const response = await fetch(url, { headers: { "X-Fragment": part, Accept: "text/html" } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** The element `selector` of that page, ready to be put into this one. */
export async function fragment(url, selector, part) {
  const found = (await pageAt(url, part)).querySelector(selector);
  if (!found) throw new Error(`${url}: no ${selector}`);
  return document.adoptNode(found);
}

/** The first element of trusted markup from the server. */
export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

/** A copy of what the `<template id>` of the page holds. */
export function copyOf(id) {
  return document.getElementById(id)?.content.firstElementChild?.cloneNode(true) ?? null;
}

/** Have a screen reader say `text` once it has finished its sentence. */
export function say(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}

/** A version 4 UUID; `crypto.randomUUID` is missing where the site is served without TLS. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** Events name a person by id or with names beside it. */
export const idOf = (person) => person?.id ?? person ?? null;

/** Say something to the rest of the page; modules talk through events, not through each other. */
export function emit(type, detail = {}) {
  document.dispatchEvent(new CustomEvent(`chatter:${type}`, { detail }));
}

export function on(type, listener, options) {
  document.addEventListener(`chatter:${type}`, (event) => listener(event.detail), options);
}

/** Run `action` once things have been quiet for `delay` ms; `.now()` runs what is waiting, `.cancel()` forgets it. */
export function debounced(action, delay) {
  let timer = null;
  const call = () => {
    clearTimeout(timer);
    timer = setTimeout(call.now, delay);
  };
  call.cancel = () => {
    clearTimeout(timer);
    timer = null;
  };
  call.now = () => {
    if (timer === null) return;
    call.cancel();
    action();
  };
  return call;
}
