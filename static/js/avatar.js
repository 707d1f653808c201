/** Faces and names of people: drawn as the server draws them, and kept true while the page is open. */

import { element, emit, me, on } from "./page.js";
import { socket } from "./socket.js";

/** How large an avatar is, and which of the picture's files is sharp there; as the tag `avatar` of the templates. */
const SIZES = { s: [28, 64], l: [72, 128], xl: [112, 512] };
const STANDARD = [36, 128];

/** The avatar of {id, hue, initials, avatar}; decoration, the name stands beside it. */
export function avatarOf({ id, hue, initials, avatar }, size = "") {
  const span = element('<span class="avatar" aria-hidden="true"></span>');
  span.classList.add(`hue-${hue}`);
  if (size) span.classList.add(`avatar--${size}`);
  span.dataset.avatar = id;
  fill(span, initials, avatar);
  return span;
}

/** What `avatarOf` needs, read from an avatar of the page. */
export function faceOf(span) {
  const hue = /hue-(\d+)/.exec(span?.className ?? "")?.[1] ?? 0;
  const picture = span?.querySelector("img")?.getAttribute("src") ?? "";
  return { hue, initials: span?.textContent.trim() ?? "", avatar: picture.replace(/-\d+\.webp$/, "-128.webp") };
}

function fill(span, initials, url) {
  span.textContent = initials;
  if (!url) return;
  const [edge, file] = SIZES[/avatar--(xl|s|l)\b/.exec(span.className)?.[1]] ?? STANDARD;
  const picture = new Image(edge, edge);
  Object.assign(picture, { alt: "", loading: "lazy", decoding: "async" });
  picture.src = url.replace("-128.webp", `-${file}.webp`);
  span.append(picture);
}

/** Somebody is called otherwise, or looks otherwise: wherever they are on the page. In a channel people may go by another
 * name, which the server knows: there only the picture changes. */
export function showPerson({ user, display_name: name, initials, avatar }) {
  const key = CSS.escape(user);
  const inChannel = document.querySelector('message-list[data-kind="channel"]');
  for (const span of document.querySelectorAll(`[data-avatar="${key}"]`))
    fill(span, inChannel ? span.textContent.trim() : initials, avatar);
  for (const face of document.querySelectorAll(`a.place[data-conversation] [data-avatar="${key}"]`))
    emit("renamed", { conversation: face.closest("a.place").dataset.conversation, title: name });
  if (user === me.id) document.body.dataset.name = me.name = name;
  if (inChannel) return;
  for (const place of document.querySelectorAll(`[data-name-of="${key}"], article[data-sender="${key}"] .message__sender`))
    place.textContent = name;
  for (const row of document.querySelectorAll(`.person[data-user-id="${key}"]`)) rename(row, name);
}

/** The name in a row of people; what stands behind it (their role) stays. */
function rename(row, name) {
  row.dataset.name = name;
  const place = row.querySelector(".person__name");
  if (place?.firstChild?.nodeType === Node.TEXT_NODE) place.firstChild.data = place.children.length ? `${name} ` : name;
}

/** A picture that is gone leaves the initials. */
function forget(picture) {
  if (picture.matches?.(".avatar img")) picture.remove();
}

export function watchPeople() {
  socket.addEventListener("person.changed", ({ detail }) => showPerson(detail));
  on("picture", showPerson);
  document.addEventListener("error", ({ target }) => forget(target), true);
  for (const picture of document.querySelectorAll(".avatar img"))
    if (picture.complete && !picture.naturalWidth) picture.decode().catch(() => forget(picture));
}
