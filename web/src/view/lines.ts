// The captions on the screen.

import type { Caption } from "../talk/captions";
import type { Words } from "../words/words";
import { h } from "./dom";

/** Pixels from the end within which the reader counts as reading along. */
const NEAR = 80;

export class Lines {
  readonly element = h("ol", { class: "lines" });
  readonly scroller: HTMLElement;
  #items = new Map<string, HTMLLIElement>();
  #captions = new Map<string, Caption>();

  constructor(private words: Words) {
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region" }, this.element);
  }

  show(caption: Caption): void {
    if (caption.final && !caption.text) return this.#remove(caption.id);
    const along = this.#isAlong();
    let item = this.#items.get(caption.id);
    if (!item) {
      item = h("li", { class: `line ${caption.side} ${caption.how}` });
      if (caption.how !== "note") item.append(h("span", { class: "who" }));
      item.append(h("p"));
      this.#items.set(caption.id, item);
      this.element.append(item);
    }
    this.#captions.set(caption.id, caption);
    this.#write(item, caption);
    if (along) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  speak(words: Words): void {
    this.words = words;
    for (const [id, item] of this.#items) this.#write(item, this.#captions.get(id)!);
  }

  clear(): void {
    this.#items.clear();
    this.#captions.clear();
    this.element.replaceChildren();
  }

  #remove(id: string): void {
    this.#items.get(id)?.remove();
    this.#items.delete(id);
    this.#captions.delete(id);
  }

  #write(item: HTMLLIElement, caption: Caption): void {
    item.classList.toggle("interim", !caption.final);
    const who = item.querySelector(".who");
    if (who) who.textContent = nameOf(caption, this.words);
    item.querySelector("p")!.textContent = caption.text;
  }

  #isAlong(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR;
  }
}

export function nameOf({ side, who }: Caption, words: Words): string {
  if (side === "own") return words.you;
  return who || (side === "agent" ? words.agent : words.guest);
}
