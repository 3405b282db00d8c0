// Who is in the room, as what, and by which channel.

import type { Person } from "../talk/people";
import type { Labels, Words } from "../words/words";
import { h } from "./dom";

export class Roster {
  readonly element: HTMLElement;
  #list = h("ul", { class: "roster" });
  #people: Person[] = [];

  constructor(
    private readonly labels: Labels,
    private readonly look: "card" | "strip",
  ) {
    this.element = h(look === "card" ? "section" : "div", { class: look });
    if (look === "card") {
      const title = h("h2");
      labels.set(title, (words) => words.side.room);
      this.element.append(title);
    } else {
      labels.set(this.#list, (words) => words.side.room, "aria-label");
    }
    this.element.append(this.#list);
    this.show([]);
  }

  show(people: Person[]): void {
    this.#people = people;
    this.speak();
  }

  speak(): void {
    const { words } = this.labels;
    const items = this.#people.map((one) => {
      const facts = factsOf(one, words).join(", ");
      const item = h("li", {}, h("span", { class: "name" }, nameOf(one, words)), h("span", { class: "soft" }, facts));
      item.classList.toggle("speaking", one.speaking);
      return item;
    });
    this.element.hidden = this.look === "strip" && items.length === 0;
    this.#list.replaceChildren(...(items.length ? items : [h("li", { class: "soft" }, words.side.alone)]));
  }
}

export function nameOf(one: Person, words: Words): string {
  if (one.role === "you") return words.you;
  return one.name || (one.role === "agent" ? words.agent : words.guest);
}

/** What is worth saying of somebody, the weightiest first. */
function factsOf(one: Person, words: Words): string[] {
  const { people } = words;
  const channels: Record<string, string> = people.channel;
  const channel = channels[one.channel] ?? one.channel;
  if (one.role === "agent") return [people.agent];
  return [
    one.role === "contact" ? people.contact : "",
    one.called ? people.called : channel,
    !one.called && one.muted && one.channel === "web" ? words.side.muted : "",
  ].filter(Boolean);
}
