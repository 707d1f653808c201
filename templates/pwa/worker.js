{% autoescape off %}/** The service worker: pushes, and a page for when there is no connection. It keeps that page and nothing else. */

const CACHE = "chatter-{{ version }}";
const OFFLINE = {{ offline }};
const KEPT = {{ kept }};

addEventListener("install", (event) => event.waitUntil(keep().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(begin()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") event.respondWith(page(event));
  else if (KEPT.includes(new URL(request.url).pathname)) event.respondWith(kept(request));
});
addEventListener("push", (event) => event.waitUntil(show(event.data)));
addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.url));
});

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll(KEPT.map((url) => new Request(url, { cache: "reload" })));
}

async function begin() {
  const old = (await caches.keys()).filter((name) => name.startsWith("chatter-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  // Pages start to load while this worker does.
  await registration.navigationPreload?.enable();
  await clients.claim();
}

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
  }
}

async function kept(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** Show what was pushed, unless the person is looking at it. */
async function show(data) {
  const { title, body, url, tag, lang, dir, at } = told(data);
  const target = new URL(url ?? "/", location.origin);
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (windows.some((client) => client.focused && new URL(client.url).pathname === target.pathname)) return;
  const options = { body, tag, lang, dir, timestamp: at, renotify: Boolean(tag), icon: {{ icon }}, badge: {{ badge }}, data: { url } };
  await registration.showNotification(title || "Chatter", options);
}

function told(data) {
  try {
    return data?.json() ?? {};
  } catch {
    return {};
  }
}

/** Go to `url`: in the window that shows it, else in one that is open, else in a new one. Only here, wherever it says. */
async function open(url) {
  const target = new URL(url ?? "/", location.origin);
  const address = target.origin === location.origin ? target.href : location.origin;
  const windows = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((client) => new URL(client.url).pathname === target.pathname);
  const any = there ?? windows[0];
  if (!any) return clients.openWindow(address);
  await any.focus();
  if (any.url !== address) await any.navigate(address).catch(() => clients.openWindow(address));
}
{% endautoescape %}
