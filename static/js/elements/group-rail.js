/** <group-rail>: the groups beside the talk: which of them has news, which came, went or changed. */

import { idOf, me, on, word } from "../page.js";
import { places } from "../places.js";
import { readSideAgain } from "../side.js";
import { socket } from "../socket.js";

const PHONE = matchMedia("(max-width: 720px)");

class GroupRail extends HTMLElement {
  #live = false;

  connectedCallback() {
    socket.addEventListener("group.changed", () => readSideAgain({ spread: true }));
    for (const name of ["membership.added", "membership.removed"])
      socket.addEventListener(name, ({ detail }) => idOf(detail.user) === me.id && readSideAgain());
    // Of more conversations than `hello` lists, the page's marks say what is unread.
    socket.addEventListener("hello", ({ detail }) => {
      this.#live = !detail.more;
      if (this.#live) this.#marks();
    });
    places.addEventListener("change", ({ detail }) => this.#changed(detail.ids));
    on("side", ({ page }) => this.#replace(page));
    this.addEventListener("click", (event) => this.#clicked(event));
    this.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }

  #replace(page) {
    const fresh = page.querySelector("group-rail");
    if (!fresh) return;
    const top = this.scrollTop;
    this.replaceChildren(...document.adoptNode(fresh).childNodes);
    this.scrollTop = top;
    if (this.#live) this.#marks();
  }

  #changed(ids) {
    if (!this.#live) return;
    const groups = new Set([...ids].map((id) => places.get(id)?.parent));
    // Of what is not known any more nobody says where it was.
    if (groups.has(undefined)) this.#marks();
    else for (const group of groups) if (group) this.#mark(this.#item(group));
  }

  #marks() {
    for (const item of this.querySelectorAll(".rail__group")) this.#mark(item);
  }

  #item(group) {
    return this.querySelector(`.rail__group[data-group="${CSS.escape(group)}"]`);
  }

  #mark(item) {
    if (!item) return;
    const [unread, mentions] = places.inGroup(item.dataset.group);
    const news = unread > 0 && !item.ariaCurrent;
    item.classList.toggle("rail__group--unread", news);
    item.dataset.mentions = mentions;
    const badge = item.querySelector(".badge");
    badge.hidden = mentions === 0;
    badge.textContent = mentions > 99 ? "99+" : String(mentions);
    const said = mentions ? word("mention_count", { count: mentions }) : news ? word("unread_count", { count: unread }) : "";
    item.querySelector(".rail__state").textContent = said;
  }

  /** On a phone a group opens as its list: the channels are what one chooses from there. */
  #clicked(event) {
    const item = event.target.closest(".rail__group");
    if (!item || !PHONE.matches || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    location.assign(`${item.href}?list=1`);
  }
}

customElements.define("group-rail", GroupRail);
