// Shows how loud somebody is.

import { h } from "./dom";

const BARS = 5;
/** The middle moves most, as a voice looks. */
const SHAPE = [0.45, 0.8, 1, 0.7, 0.4];
/** Voices seldom fill the scale. */
const GAIN = 2.2;

export class Meter {
  readonly element = h("span", { class: "meter", "aria-hidden": "true" });

  constructor() {
    for (let bar = 0; bar < BARS; bar++) this.element.append(h("i"));
    this.show(0);
  }

  /** Takes a level from 0 to 1. */
  show(level: number): void {
    const bars = this.element.children;
    for (let bar = 0; bar < BARS; bar++) {
      const height = Math.min(1, 0.16 + level * GAIN * SHAPE[bar]!);
      (bars[bar] as HTMLElement).style.setProperty("transform", `scaleY(${height.toFixed(2)})`);
    }
  }
}
