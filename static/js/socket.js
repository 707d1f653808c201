/** The one WebSocket of this tab: refs become promises, silence is noticed, a lost connection comes back. */

const OPENING = 10_000; // ms until `hello` must be there, and until a ping must be answered
const LONGEST_WAIT = 30_000;
const ENDED = new Set([4401, 4403, 4410]); // nobody is signed in any more: trying again is pointless

/** The server's refusal of a command, or `disconnected` when no answer can come any more. */
export class Refusal extends Error {
  constructor({ code, message = "", retry_after: retryAfter = null }) {
    super(message || code);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/**
 * Dispatches every event of the protocol under its own name (`detail` is the frame), and of itself `state`
 * (`connecting`, `ready`, `waiting`, `offline`, `ended`).
 */
export class Socket extends EventTarget {
  hello = null;
  state = "connecting";
  #url;
  #ws = null;
  #ref = 0;
  #waiting = new Map();
  #attempt = 0;
  #earliest = 0;
  #retry = null;
  #silence = null;
  #deadline = null;
  #heartbeat = 25_000;

  constructor(url) {
    super();
    this.#url = url;
  }

  get ready() {
    return this.hello !== null;
  }

  start() {
    addEventListener("online", () => this.#again());
    addEventListener("offline", () => this.#lost("offline"));
    addEventListener("pageshow", (event) => event.persisted && this.#again());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.ready ? this.#ping() : this.#again();
    });
    this.#connect();
  }

  /** Send a command; resolves with its `ok`, rejects with a Refusal. */
  request(cmd, fields = {}) {
    if (!this.ready) return Promise.reject(new Refusal({ code: "disconnected" }));
    return new Promise((resolve, reject) => {
      const ref = ++this.#ref;
      this.#waiting.set(ref, { resolve, reject });
      this.#ws.send(JSON.stringify({ cmd, ref, ...fields }));
      this.#listenForSilence();
    });
  }

  /** Send what may be lost: nobody waits for the answer. */
  tell(cmd, fields) {
    this.request(cmd, fields).catch(() => {});
  }

  #connect() {
    if (this.#ws || this.state === "ended") return;
    clearTimeout(this.#retry);
    this.#retry = null;
    if (!navigator.onLine) return this.#become("offline");
    this.#become("connecting");
    const ws = new WebSocket(this.#url, ["chatter.v1"]);
    this.#ws = ws;
    this.#deadline = setTimeout(() => this.#lost(), OPENING);
    ws.addEventListener("message", ({ data }) => ws === this.#ws && this.#receive(JSON.parse(data)));
    ws.addEventListener("close", ({ code }) => ws === this.#ws && this.#closed(code));
  }

  #receive(frame) {
    if (!("event" in frame)) return this.#answer(frame);
    if (frame.event === "hello") this.#welcome(frame);
    if (frame.event === "reconnect") this.#restart(frame.after);
    this.dispatchEvent(new CustomEvent(frame.event, { detail: frame }));
  }

  #answer({ ref, ok, error }) {
    const waiting = this.#waiting.get(ref);
    this.#waiting.delete(ref);
    if (error) waiting?.reject(new Refusal(error));
    else waiting?.resolve(ok);
  }

  #welcome(frame) {
    clearTimeout(this.#deadline);
    this.hello = frame;
    this.#attempt = 0;
    this.#heartbeat = (frame.heartbeat ?? 25) * 1000;
    this.#become("ready");
    this.#listenForSilence();
  }

  /** The server goes away in `after` seconds: leave in time, come back after it. */
  #restart(after = 0) {
    const ws = this.#ws;
    this.#earliest = Date.now() + after * 1000;
    setTimeout(() => ws === this.#ws && this.#lost(), after * 1000);
  }

  #listenForSilence() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#ping(), this.#heartbeat);
  }

  #ping() {
    const ws = this.#ws;
    const dead = setTimeout(() => ws === this.#ws && this.#lost(), OPENING);
    this.request("ping").then(() => clearTimeout(dead), () => clearTimeout(dead));
  }

  #closed(code) {
    if (!ENDED.has(code)) return this.#lost();
    this.#forget();
    this.#become("ended", code);
  }

  /** Forget this connection and plan the next. A dead network never says goodbye, so nothing is waited for. */
  #lost(state = "waiting") {
    if (this.state === "ended") return;
    this.#forget();
    this.#become(state);
    if (!navigator.onLine) return this.#become("offline");
    const longest = Math.min(LONGEST_WAIT, 500 * 2 ** this.#attempt++);
    const wait = Math.max(0, this.#earliest - Date.now()) + longest * (0.5 + Math.random() / 2);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  #forget() {
    const ws = this.#ws;
    this.#ws = null;
    this.hello = null;
    clearTimeout(this.#silence);
    clearTimeout(this.#deadline);
    clearTimeout(this.#retry);
    ws?.close();
    for (const { reject } of this.#waiting.values()) reject(new Refusal({ code: "disconnected" }));
    this.#waiting.clear();
  }

  #again() {
    if (this.#ws || this.state === "ended") return;
    this.#attempt = 0;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#connect(), Math.max(0, this.#earliest - Date.now()));
  }

  #become(state, code = null) {
    if (state === this.state && state !== "ready") return;
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: { state, code } }));
  }
}

const scheme = location.protocol === "https:" ? "wss:" : "ws:";

export const socket = new Socket(`${scheme}//${location.host}/ws/`);
