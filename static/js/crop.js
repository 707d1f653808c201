/** The square that is cut out of a picture: where it lies, and how mouse, fingers, wheel and keys move it. */

const STEP = 12; // pixels of the stage that an arrow key moves
const ZOOM_KEY = 1.15;
const SMALLEST = 64; // pixels of the picture: less would be a blur

/** The picture shown in `stage`, a square; `changed()` is called after each move. Sizes are in the picture's own pixels. */
export class Crop {
  #stage;
  #picture;
  #changed;
  #fingers = new Map();

  constructor(stage, picture, changed) {
    this.#stage = stage;
    this.#picture = picture;
    this.#changed = changed;
    stage.addEventListener("pointerdown", (event) => this.#grasp(event));
    stage.addEventListener("pointermove", (event) => this.#drag(event));
    for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => this.#fingers.delete(event.pointerId));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    stage.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Begin anew with what the picture shows now: its middle, as large as it goes. */
  reset() {
    const { naturalWidth: width, naturalHeight: height } = this.#picture;
    Object.assign(this, { width, height, whole: Math.min(width, height) });
    this.side = this.whole;
    this.left = (width - this.side) / 2;
    this.top = (height - this.side) / 2;
    this.#fingers.clear();
    this.#show();
  }

  get zoomMost() {
    return Math.max(1, this.whole / Math.min(SMALLEST, this.whole));
  }

  get zoom() {
    return this.whole / this.side;
  }

  /** `at` is what stays where it is: shares of the stage, its middle by default. */
  zoomTo(zoom, at = { x: 0.5, y: 0.5 }) {
    const side = this.whole / Math.min(Math.max(zoom, 1), this.zoomMost);
    this.left += (this.side - side) * at.x;
    this.top += (this.side - side) * at.y;
    this.side = side;
    this.#show();
  }

  /** Move what is seen by so many pixels of the stage. */
  move(x, y) {
    this.left -= x / this.#scale;
    this.top -= y / this.#scale;
    this.#show();
  }

  /** As the server takes it: whole pixels, inside of the picture. */
  get square() {
    const side = Math.max(1, Math.min(Math.round(this.side), this.whole));
    const within = (at, edge) => Math.max(0, Math.min(Math.round(at), edge - side));
    return { left: within(this.left, this.width), top: within(this.top, this.height), side };
  }

  get #edge() {
    return this.#stage.clientWidth || 1;
  }

  get #scale() {
    return this.#edge / this.side;
  }

  #show() {
    this.left = Math.max(0, Math.min(this.left, this.width - this.side));
    this.top = Math.max(0, Math.min(this.top, this.height - this.side));
    const { style } = this.#picture;
    style.inlineSize = `${this.width * this.#scale}px`;
    style.translate = `${-this.left * this.#scale}px ${-this.top * this.#scale}px`;
    this.#changed();
  }

  #grasp(event) {
    if (event.button) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /** One finger moves, two also zoom: what lies between them stays between them. */
  #drag(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const count = this.#fingers.size;
    const other = [...this.#fingers].find(([id]) => id !== event.pointerId)?.[1];
    const now = { x: event.clientX, y: event.clientY };
    this.#fingers.set(event.pointerId, now);
    this.move((now.x - before.x) / count, (now.y - before.y) / count);
    if (!other) return;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.zoomTo((this.zoom * apart(now, other)) / Math.max(1, apart(before, other)), this.#share(middle));
  }

  #wheel(event) {
    event.preventDefault();
    this.zoomTo(this.zoom * Math.exp(-event.deltaY / 400), this.#share({ x: event.clientX, y: event.clientY }));
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? STEP * 5 : STEP;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    if (moves[event.key]) this.move(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") this.zoomTo(this.zoom * ZOOM_KEY);
    else if (event.key === "-") this.zoomTo(this.zoom / ZOOM_KEY);
    else if (event.key === "0" || event.key === "Home") this.reset();
    else return;
    event.preventDefault();
  }

  #share({ x, y }) {
    const box = this.#stage.getBoundingClientRect();
    return { x: (x - box.left) / box.width, y: (y - box.top) / box.height };
  }
}

const apart = (one, other) => Math.hypot(one.x - other.x, one.y - other.y);
