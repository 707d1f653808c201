/** Pushes in this browser: turned on and off, kept true from page to page, ended with the session, offered when it fits. */

import { me, post } from "./page.js";

const WISH = "chatter:push"; // who wants pushes here: after the next login they come back by themselves
const SENT = "chatter:push-sent"; // which subscription the server was told of, in whose name

export const isPossible = () => "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

/** "impossible", "refused", "on" or "off". */
export async function pushState() {
  if (!isPossible()) return "impossible";
  if (Notification.permission === "denied") return "refused";
  const is = Notification.permission === "granted" && localStorage.getItem(WISH) === me.id && (await subscription());
  return is ? "on" : "off";
}

async function subscription() {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return worker?.pushManager.getSubscription();
}

/** Ask for the permission where it was not given, and subscribe. Returns the new state. Call it at a click. */
export async function turnOn() {
  if ((await Notification.requestPermission()) !== "granted") return pushState();
  localStorage.setItem(WISH, me.id);
  await subscribe();
  return pushState();
}

export async function turnOff() {
  localStorage.removeItem(WISH);
  localStorage.removeItem(SENT);
  const current = await subscription();
  if (!current) return pushState();
  await post("/push/unsubscribe/", { endpoint: current.endpoint });
  await current.unsubscribe();
  return pushState();
}

async function subscribe() {
  const worker = await navigator.serviceWorker.ready;
  const { key } = await (await fetch("/push/key/", { headers: { Accept: "application/json" } })).json();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  // A subscription made with another key of ours is of no use any more.
  const made = await worker.pushManager.subscribe(options).catch(async () => {
    await (await worker.pushManager.getSubscription())?.unsubscribe();
    return worker.pushManager.subscribe(options);
  });
  await tell(made);
}

async function tell(made) {
  const { endpoint, keys } = made.toJSON();
  await post("/push/subscribe/", { endpoint, p256dh: keys.p256dh, auth: keys.auth });
  localStorage.setItem(SENT, `${me.id} ${endpoint}`);
}

/** At the start of a page. Signed out: this browser takes nobody's pushes. Signed in: as they wished, with what the server knows. */
export async function keepPush() {
  if (!isPossible() || Notification.permission !== "granted") return;
  const current = await subscription();
  if (!me.id || localStorage.getItem(WISH) !== me.id) {
    localStorage.removeItem(SENT);
    await current?.unsubscribe();
  } else if (!current) await subscribe();
  else if (localStorage.getItem(SENT) !== `${me.id} ${current.endpoint}`) await tell(current);
}
