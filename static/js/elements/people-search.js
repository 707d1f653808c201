/** <people-search>: find people while typing; one opens the direct conversation, several are gathered as chips. */

import { avatarOf } from "../avatar.js";
import { Listbox } from "../listbox.js";
import { debounced, element, me, say, word } from "../page.js";
import { searchPeople } from "../people.js";
import { socket } from "../socket.js";
import { toastRefusal } from "./toast-region.js";

class PeopleSearch extends HTMLElement {
  #field;
  #box;
  #asked = 0;
  #soon = debounced(() => this.#ask(), 150);

  connectedCallback() {
    this.#field = this.querySelector('input[type="search"], input[type="text"]');
    this.#field.setAttribute("role", "combobox");
    this.#field.setAttribute("aria-expanded", "false");
    this.querySelector('button[name="search"]')?.setAttribute("hidden", "");
    const label = this.#field.ariaLabel || this.#field.placeholder;
    const choose = (person) => this.#chosen(person);
    this.#box = new Listbox(this.#field.parentElement, this.#field, { label, choose, below: true });
    this.#field.addEventListener("input", () => this.#soon());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", ({ target }) => target.closest(".chip button")?.closest(".chip").remove());
  }

  get chosen() {
    return [...this.querySelectorAll('input[name="members"]')].map(({ value }) => value);
  }

  async #ask() {
    const asked = ++this.#asked;
    const text = this.#field.value.trim();
    if (!text) return this.#box.close();
    const { url, conversation } = this.dataset;
    const found = await searchPeople(url, text, { conversation }).catch(() => []);
    if (asked !== this.#asked) return;
    const people = found.filter(({ id, username }) => id !== me.id && !this.chosen.includes(username));
    this.#box.show(people, draw);
    say(people.length ? word("suggestions", { count: people.length }) : word("nobody_found"));
  }

  /** Backspace in the empty field takes the last person back; Enter never sends a half-chosen form. */
  #key(event) {
    if (event.target !== this.#field || event.defaultPrevented) return;
    if (event.key === "Backspace" && !this.#field.value) this.querySelector(".chip:last-of-type")?.remove();
    if (event.key === "Enter" && "multiple" in this.dataset) event.preventDefault();
  }

  #chosen(person) {
    this.#field.value = "";
    if ("multiple" in this.dataset) this.#gather(person);
    else this.#openDirect(person).catch(toastRefusal);
  }

  #gather({ username, name }) {
    const chip = element('<span class="chip"><span></span><input type="hidden" name="members"><button type="button">×</button></span>');
    chip.querySelector("span").textContent = name;
    chip.querySelector("input").value = username;
    chip.querySelector("button").ariaLabel = word("remove_person", { name });
    this.querySelector(".chips").append(chip);
    this.#field.focus();
  }

  async #openDirect({ id }) {
    const { conversation } = await socket.request("conversation.direct", { user: id });
    location.assign(`/c/${conversation.id ?? conversation}/`);
  }
}

function draw(person) {
  const { username, name } = person;
  const text = element('<span class="person__text"><span class="person__name"></span><small></small></span>');
  text.querySelector("span").textContent = name;
  text.querySelector("small").textContent = `@${username}`;
  return [avatarOf(person, "s"), text];
}

customElements.define("people-search", PeopleSearch);
