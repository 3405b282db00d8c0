// Says what is wrong and what to do, over the captions, so that nothing moves.

import type { Trouble } from "../talk/trouble";
import type { Labels } from "../words/words";
import { h, icon } from "./dom";

export class Notice {
  readonly element = h("div", { class: "notice", role: "alert" });
  #text = h("p");
  #action = h("button", { type: "button", class: "plain" });
  #box: HTMLElement;

  constructor(
    private readonly labels: Labels,
    private readonly act: (trouble: Trouble) => void,
  ) {
    const close = h("button", { type: "button", class: "icon-only" }, icon("close"));
    labels.set(close, (words) => words.dismiss, "aria-label");
    close.addEventListener("click", () => this.show(undefined));
    this.#box = h("div", { class: "notice-box" }, this.#text, this.#action, close);
  }

  show(trouble: Trouble | undefined, canRetry = false): void {
    if (!trouble) return this.element.replaceChildren();
    this.labels.set(this.#text, (words) => words.trouble[trouble.kind]);
    const sound = trouble.kind === "sound-blocked";
    this.#action.hidden = !sound && !canRetry;
    this.labels.set(this.#action, (words) => (sound ? words.playSound : words.tryAgain));
    this.#action.onclick = () => {
      this.show(undefined);
      this.act(trouble);
    };
    // Set anew, so that screen readers say it again.
    this.element.replaceChildren(this.#box);
  }
}
