/** Live posts: an element watches one by its id for as long as it stands in the page, over lost connections too. */

import { socket } from "./socket.js";

const EVENTS = ["comments.changed", "scores.changed", "poll.changed", "post.changed"];
const watched = new Map(); // id of a post → those who want to hear of it
const heard = new Set(); // posts whose news this page has had before: after a gap something may be missing

/**
 * Call `hear(frame)` with every event of the post (`frame.event` is its name) until the function that this returns is called. After
 * a lost connection it gets one `post.changed`: what happened meanwhile, the page must ask for.
 */
export function watch(post, hear) {
  const listener = { hear };
  if (watched.has(post)) watched.get(post).add(listener);
  else {
    watched.set(post, new Set([listener]));
    if (socket.ready) begin(post);
  }
  return () => stop(post, listener);
}

function stop(post, listener) {
  const listeners = watched.get(post);
  if (!listeners?.delete(listener) || listeners.size) return;
  watched.delete(post);
  heard.delete(post);
  if (socket.ready) socket.tell("post.unwatch", { post });
}

/** What is refused stays quiet: the page shows what it shows. */
async function begin(post) {
  try {
    await socket.request("post.watch", { post });
  } catch {
    return;
  }
  if (heard.has(post)) pass({ event: "post.changed", post });
  else if (watched.has(post)) heard.add(post);
}

function pass(frame) {
  for (const { hear } of [...(watched.get(frame.post) ?? [])]) hear(frame);
}

for (const name of EVENTS) socket.addEventListener(name, ({ detail }) => pass(detail));
socket.addEventListener("state", ({ detail }) => {
  if (detail.state === "ready") for (const post of watched.keys()) begin(post);
});
