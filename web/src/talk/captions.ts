// What was said and typed, in the order in which it began. Knows no room and no page.

/** Whose line it is, seen from the visitor. */
export type Side = "own" | "agent" | "other";

export interface Caption {
  readonly id: string;
  readonly who: string;
  readonly side: Side;
  readonly how: "spoken" | "typed" | "note";
  text: string;
  /** Whether the words stay as they are. */
  final: boolean;
}

/** Lines kept. The oldest go: a conversation of hours must not slow the page down. */
const MOST = 400;

export class Captions {
  #lines: Caption[] = [];

  get lines(): readonly Caption[] {
    return this.#lines;
  }

  clear(): void {
    this.#lines = [];
  }

  /** Sets what a line says as a whole; a line that ends up without words goes away. */
  put(line: Omit<Caption, "final">, final: boolean): Caption {
    const text = line.text.trim();
    const known = this.#find(line.id);
    if (!known) {
      const caption = { ...line, text, final };
      if (text || !final) this.#add(caption);
      return caption;
    }
    known.text = text;
    known.final = final;
    if (final && !text) this.#remove(known);
    return known;
  }

  #find(id: string): Caption | undefined {
    // It is nearly always one of the last.
    for (let at = this.#lines.length - 1; at >= 0; at--) {
      if (this.#lines[at]!.id === id) return this.#lines[at];
    }
    return undefined;
  }

  #add(caption: Caption): void {
    this.#lines.push(caption);
    if (this.#lines.length > MOST) this.#lines.shift();
  }

  #remove(caption: Caption): void {
    this.#lines = this.#lines.filter((line) => line !== caption);
  }
}
