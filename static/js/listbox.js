/** Suggestions below or above a text field: the listbox half of the combobox pattern, focus stays in the field. */

let boxes = 0;

export class Listbox {
  #field;
  #choose;
  #options = [];
  #at = -1;

  /** Fill `host` with a list for `field`; `choose(item)` takes what is picked. */
  constructor(host, field, { label, choose, below = false }) {
    this.#field = field;
    this.#choose = choose;
    this.list = document.createElement("div");
    this.list.id = `listbox-${++boxes}`;
    this.list.className = below ? "completion completion--below" : "completion";
    this.list.setAttribute("role", "listbox");
    this.list.ariaLabel = label;
    this.list.hidden = true;
    host.append(this.list);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", this.list.id);
    field.addEventListener("keydown", (event) => this.#key(event));
    field.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    // A press must not take the focus from the field before the click arrives.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => this.#pick(target.closest("[role=option]")));
  }

  get open() {
    return !this.list.hidden;
  }

  /** Show `items`, each drawn by `draw(item)` (nodes); the first is chosen unless `free`. */
  show(items, draw, { free = false } = {}) {
    this.#options = items.map((item, index) => {
      const option = document.createElement("div");
      option.id = `${this.list.id}-${index}`;
      option.className = "completion__option";
      option.setAttribute("role", "option");
      option.append(...draw(item));
      option.item = item;
      return option;
    });
    this.list.replaceChildren(...this.#options);
    this.list.hidden = !items.length;
    this.#expanded();
    this.#mark(items.length && !free ? 0 : -1);
  }

  close() {
    this.list.hidden = true;
    this.#expanded();
    this.#mark(-1);
  }

  #expanded() {
    if (this.#field.getAttribute("role") === "combobox") this.#field.setAttribute("aria-expanded", String(this.open));
  }

  #mark(index) {
    this.#at = index;
    this.#options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    const option = this.#options[index];
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.#field.setAttribute("aria-activedescendant", option.id);
    else this.#field.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    if (!this.open || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const count = this.#options.length;
    if (event.key === "ArrowDown") this.#mark((this.#at + 1) % count);
    else if (event.key === "ArrowUp") this.#mark((this.#at <= 0 ? count : this.#at) - 1);
    else if (event.key === "Escape") this.close();
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.#at >= 0) this.#pick(this.#options[this.#at]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pick(option) {
    if (!option) return;
    this.close();
    this.#choose(option.item);
  }
}
