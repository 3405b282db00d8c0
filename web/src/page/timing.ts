// The latency of the last turn, and its parts.

import type { Latency } from "../talk/watch";
import { h } from "../view/dom";
import type { Labels } from "../words/words";

const PARTS = [
  "endpointingMs",
  "transcriptionMs",
  "firstTokenMs",
  "firstSpeechMs",
  "transportMs",
  "restMs",
] as const;

export class Timing {
  readonly element = h("section", { class: "card timing" });
  #total = h("p", { class: "total" });
  #bar = h("div", { class: "bar", "aria-hidden": "true" });
  #parts = h("dl");
  #last: Latency | undefined;

  constructor(private readonly labels: Labels) {
    const title = h("h2");
    labels.set(title, (words) => words.side.lastAnswer);
    this.element.append(title, this.#total, this.#bar, this.#parts);
    this.speak();
  }

  show(latency: Latency): void {
    this.#last = latency;
    this.speak();
  }

  speak(): void {
    const { words, language } = this.labels;
    const last = this.#last;
    const ms = (value: number) => `${value.toLocaleString(language)} ms`;
    if (last) this.#total.replaceChildren(h("b", {}, ms(last.totalMs)), ` ${words.side.afterYou}`);
    else this.#total.replaceChildren(words.side.noAnswer);
    this.#total.classList.toggle("soft", !last);

    this.#bar.replaceChildren(
      ...PARTS.map((part, at) => {
        const piece = h("i", { class: `part-${at}` });
        piece.style.setProperty("flex-grow", String(last?.[part] ?? 0));
        return piece;
      }),
    );
    // The rows are there from the start: nothing moves when the first answer is measured.
    this.#parts.replaceChildren(
      ...PARTS.flatMap((part, at) => [
        h("dt", { class: `part-${at}` }, words.latency[part]),
        h("dd", {}, last ? ms(last[part]) : "–"),
      ]),
    );
  }
}
