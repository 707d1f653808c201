/** The people this page knows: those the member list shows. */

import { faceOf } from "./avatar.js";
import { idOf } from "./page.js";

const rows = () => [...document.querySelectorAll("member-list [data-user-id]")];

/** {id, username, name, hue, initials, avatar} of every member the page lists. */
export function members() {
  return rows().map((row) => {
    const { userId: id, username, name } = row.dataset;
    return { id, username, name, ...faceOf(row.querySelector(".avatar")) };
  });
}

/** The name of a person whom an event names by id or in full; "" where the page does not know them. */
export function nameOf(person) {
  if (person?.display_name) return person.display_name;
  const row = document.querySelector(`[data-user-id="${CSS.escape(idOf(person) ?? "")}"]`);
  return row?.dataset.name ?? "";
}

/** People whose name or username has a word beginning with `text`, closest first. */
export function matching(people, text) {
  const wanted = text.toLocaleLowerCase();
  const rank = ({ username, name }) => {
    if (username.toLowerCase().startsWith(wanted)) return 0;
    return name.toLocaleLowerCase().split(/\s+/).some((part) => part.startsWith(wanted)) ? 1 : 2;
  };
  return people.filter((person) => rank(person) < 2).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** Ask the server for people; `conversation` leaves its members out, `within` takes only them. */
export async function searchPeople(url, text, { conversation, within } = {}) {
  const query = new URLSearchParams({ q: text });
  if (conversation ?? within) query.set("conversation", conversation ?? within);
  if (within) query.set("in", "1");
  const response = await fetch(`${url}?${query}`, { headers: { Accept: "application/json" } });
  return response.ok ? (await response.json()).people : [];
}
