/** <picture-crop>: pick, drop or paste a picture, choose the part that is kept, send it. Without it the form does. */

import { Crop } from "../crop.js";
import { emit, say, word } from "../page.js";
import { toast } from "./toast-region.js";

const PREVIEW_RATE = 60;
const REDUCED = 1024;

class PictureCrop extends HTMLElement {
  #file = null;
  #address = "";
  #request = null;
  #drawing = 0;

  connectedCallback() {
    this.form = this.querySelector("form");
    this.field = this.form.querySelector('input[type="file"]');
    this.dialog = this.querySelector("dialog");
    this.picture = this.dialog.querySelector(".crop__stage img");
    this.zoom = this.dialog.querySelector('input[type="range"]');
    this.crop = new Crop(this.dialog.querySelector(".crop__stage"), this.picture, () => this.#moved());
    this.querySelector("[data-without-scripts]").hidden = true;
    this.#listen();
  }

  #listen() {
    this.field.addEventListener("change", () => this.#take(this.field.files[0]));
    this.zoom.addEventListener("input", () => this.crop.zoomTo(this.crop.zoomMost ** (this.zoom.value / 100)));
    this.dialog.querySelector("[data-use]").addEventListener("click", () => this.#send());
    this.dialog.addEventListener("close", () => this.#forget());
    document.addEventListener("paste", (event) => this.#offered(event, event.clipboardData));
    document.addEventListener("dragover", (event) => this.#over(event));
    document.addEventListener("dragleave", (event) => !event.relatedTarget && this.classList.remove("crop--over"));
    document.addEventListener("drop", (event) => this.#offered(event, event.dataTransfer));
    new ResizeObserver(() => this.dialog.open && this.crop.width && this.crop.move(0, 0)).observe(this.picture.parentElement);
  }

  #over(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    this.classList.add("crop--over");
  }

  /** A picture among what was pasted or dropped; words in a field stay words. */
  #offered(event, offer) {
    this.classList.remove("crop--over");
    const files = [...(offer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.#take(files.find(({ type }) => type.startsWith("image/")) ?? files[0]);
  }

  async #take(file) {
    if (!file) return;
    this.field.value = "";
    this.#complain("");
    URL.revokeObjectURL(this.#address);
    this.#address = URL.createObjectURL(file);
    this.picture.src = this.#address;
    try {
      await this.picture.decode();
    } catch {
      return this.#complain(word("picture_unreadable"), this.form);
    }
    this.#file = file;
    if (!this.dialog.open) this.dialog.showModal();
    this.crop.reset();
    this.picture.parentElement.focus();
  }

  #moved() {
    this.zoom.value = this.crop.zoomMost > 1 ? (Math.log(this.crop.zoom) / Math.log(this.crop.zoomMost)) * 100 : 0;
    this.zoom.disabled = this.crop.zoomMost <= 1;
    this.#drawing ||= setTimeout(() => this.#preview(), 1000 / PREVIEW_RATE);
  }

  #preview() {
    this.#drawing = 0;
    if (!this.dialog.open) return;
    for (const canvas of this.dialog.querySelectorAll("canvas")) this.#draw(canvas);
  }

  #draw(canvas) {
    const { left, top, side } = this.crop.square;
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.picture, left, top, side, side, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  async #send() {
    this.#complain("");
    this.#busy(true);
    try {
      const told = await this.#post(await this.#body());
      emit("picture", { ...this.#whose(), avatar: told.avatar });
      this.querySelectorAll("[data-with-picture]").forEach((part) => (part.hidden = !told.avatar));
      this.dialog.close();
      toast(told.message);
    } catch (refusal) {
      if (this.dialog.open) this.#complain(refusal.message);
    } finally {
      this.#busy(false);
    }
  }

  /** The file and the square; what is too large, or of a kind only this browser reads, goes as the square alone. */
  async #body() {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.elements.csrfmiddlewaretoken.value);
    const { square } = this.crop;
    if (this.#file.size <= Number(this.dataset.most) && this.field.accept.split(",").includes(this.#file.type)) {
      body.set("picture", this.#file);
      for (const [name, value] of Object.entries(square)) body.set(name, value);
      return body;
    }
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.min(REDUCED, square.side);
    const small = await new Promise((resolve) => this.#draw(canvas).toBlob(resolve, "image/png"));
    body.set("picture", small, "picture.png");
    return body;
  }

  /** fetch() does not tell how much is sent. */
  #post(body) {
    return new Promise((resolve, reject) => {
      const request = (this.#request = new XMLHttpRequest());
      const progress = this.dialog.querySelector("progress");
      request.upload.addEventListener("progress", ({ loaded, total }) => (progress.value = total ? loaded / total : 0));
      request.addEventListener("load", () => (request.status < 300 ? resolve : reject)(answerOf(request)));
      for (const end of ["error", "abort"]) request.addEventListener(end, () => reject(new Error(word("offline_try_again"))));
      request.open("POST", this.form.action);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    });
  }

  #busy(busy) {
    const progress = this.dialog.querySelector("progress");
    progress.hidden = !busy;
    progress.removeAttribute("value");
    this.dialog.querySelector("[data-use]").disabled = busy;
    if (busy) say(word("picture_sending"));
  }

  /** Say what is wrong where one looks: in the dialog, or beside the field. */
  #complain(words, place = this.dialog) {
    for (const line of this.querySelectorAll("[data-error]")) line.hidden = !words || !place.contains(line);
    if (words) place.querySelector("[data-error]").textContent = words;
  }

  #forget() {
    this.#request?.abort();
    this.#request = this.#file = null;
    URL.revokeObjectURL(this.#address);
    this.picture.removeAttribute("src");
    this.field.focus();
  }

  /** The reader's picture, or that of `data-of`, a group say. */
  #whose() {
    const { userId, name } = document.body.dataset;
    const { of: user = userId, name: display_name = name, initials } = this.dataset;
    return { user, display_name, initials };
  }
}

function answerOf(request) {
  try {
    const told = JSON.parse(request.responseText);
    return told.error ? new Error(told.error.message) : told;
  } catch {
    return new Error(word("went_wrong"));
  }
}

customElements.define("picture-crop", PictureCrop);
