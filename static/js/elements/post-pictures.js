/** <post-pictures>: pictures of a post being written, chosen, dropped or pasted; each is sent by itself and shows how far it is. */

import { element, post, say, word } from "../page.js";

const MOST = 10;

class PostPictures extends HTMLElement {
  #list;
  #moving = null;
  #line = Promise.resolve();

  connectedCallback() {
    this.#list = this.querySelector("[data-pictures]");
    const drop = this.querySelector("[data-drop]");
    const files = this.querySelector("input[type=file]");
    files.removeAttribute("name");
    files.addEventListener("change", () => {
      this.#add(files.files);
      files.value = "";
    });
    this.querySelector("[data-upload-button]").hidden = true;
    this.addEventListener("click", (event) => this.#clicked(event));
    for (const type of ["dragover", "dragleave", "drop"]) drop.addEventListener(type, (event) => this.#dropped(event, drop));
    for (const type of ["dragstart", "dragover", "dragend"]) this.#list.addEventListener(type, (event) => this.#dragged(event));
    document.addEventListener("paste", this.#pasted);
  }

  disconnectedCallback() {
    document.removeEventListener("paste", this.#pasted);
  }

  #pasted = ({ clipboardData }) => {
    if (clipboardData?.files.length) this.#add(clipboardData.files);
  };

  #dropped(event, drop) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("post-pictures__drop--over", event.type === "dragover");
    if (event.type === "drop") this.#add(event.dataTransfer.files);
  }

  /** One after the other: they stand in the order in which they were chosen. */
  #add(files) {
    const error = this.querySelector("[data-upload-error]");
    error.hidden = true;
    const room = MOST - this.#list.children.length;
    if (files.length > room) this.#refuse(word("pictures_full"));
    for (const file of [...files].slice(0, Math.max(room, 0))) {
      const line = waiting(file.name);
      this.#list.append(line);
      this.#line = this.#line.then(() => this.#send(file, line));
    }
  }

  async #send(file, line) {
    const { uploadUrl } = this.closest("post-form").dataset;
    const { status, text } = await upload(uploadUrl, file, (part) => (line.querySelector("progress").value = part));
    if (status === 200) {
      line.replaceWith(element(text));
      return;
    }
    line.remove();
    this.#refuse(`${file.name}: ${messageOf(text) ?? word("went_wrong")}`);
  }

  #refuse(text) {
    const error = this.querySelector("[data-upload-error]");
    error.hidden = false;
    error.textContent = text;
  }

  #clicked(event) {
    const button = event.target.closest("[data-move], [data-away]");
    if (!button) return;
    event.preventDefault();
    const line = button.closest("[data-picture]");
    if ("away" in button.dataset) {
      post(`${this.closest("post-form").dataset.uploadUrl}${line.dataset.picture}/remove/`).catch(() => {});
      (line.nextElementSibling ?? line.previousElementSibling)?.querySelector("textarea")?.focus();
      line.remove();
      return;
    }
    const other = button.dataset.move === "-1" ? line.previousElementSibling : line.nextElementSibling;
    if (button.dataset.move === "-1") other?.before(line);
    else other?.after(line);
    button.focus();
    say(word("picture_place", { number: [...this.#list.children].indexOf(line) + 1, count: this.#list.children.length }));
  }

  #dragged(event) {
    const line = event.target.closest?.("[data-picture]");
    if (event.type === "dragstart") this.#moving = event.target.matches?.("textarea") ? null : line;
    this.#moving?.classList.toggle("post-picture--moving", event.type !== "dragend");
    if (event.type === "dragend") this.#moving = null;
    if (event.type !== "dragover" || !this.#moving || !line || line === this.#moving) return;
    event.preventDefault();
    const { top, height } = line.getBoundingClientRect();
    if (event.clientY < top + height / 2) line.before(this.#moving);
    else line.after(this.#moving);
  }
}

/** What stands for a picture that is on its way. */
function waiting(name) {
  const line = document.createElement("li");
  line.className = "post-picture";
  const title = document.createElement("span");
  title.className = "post-picture__name";
  title.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", name);
  line.append(title, bar);
  return line;
}

/** `fetch` does not tell how much was sent. */
function upload(url, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", document.querySelector("input[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => progress(loaded / total);
    request.onloadend = () => resolve({ status: request.status, text: request.responseText });
    const body = new FormData();
    body.set("file", file);
    request.send(body);
  });
}

function messageOf(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return null;
  }
}

customElements.define("post-pictures", PostPictures);
