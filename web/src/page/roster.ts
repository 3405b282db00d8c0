// Who is in the room.

import type { Person } from "../talk/people";
import { h } from "../view/dom";
import type { Labels } from "../words/words";

export class Roster {
  readonly element = h("section", { class: "card" });
  #list = h("ul", { class: "roster" });
  #people: Person[] = [];

  constructor(private readonly labels: Labels) {
    const title = h("h2");
    labels.set(title, (words) => words.side.room);
    this.element.append(title, this.#list);
    this.show([]);
  }

  show(people: Person[]): void {
    this.#people = people;
    this.speak();
  }

  speak(): void {
    const { words } = this.labels;
    const items = this.#people.map((one) => {
      const name = one.kind === "you" ? words.you : one.kind === "agent" ? one.name || words.agent : one.name;
      const facts = [one.channel, one.kind !== "agent" && one.muted ? words.side.muted : ""].filter(Boolean);
      const item = h("li", {}, h("span", { class: "name" }, name), h("span", { class: "soft" }, facts.join(", ")));
      item.classList.toggle("speaking", one.speaking);
      return item;
    });
    this.#list.replaceChildren(...(items.length ? items : [h("li", { class: "soft" }, words.side.alone)]));
  }
}
