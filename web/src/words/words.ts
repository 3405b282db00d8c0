// Which language is spoken, and labels that follow it.

import { en, type Words } from "./en";
import { fr } from "./fr";

export type { Words };
export type Language = "en" | "fr";

export const LANGUAGES: Record<Language, Words> = { en, fr };

/** Returns the first of these that is spoken here. */
export function chosenLanguage(...wishes: (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const short = wish?.slice(0, 2).toLowerCase();
    if (short === "en" || short === "fr") return short;
  }
  return "en";
}

/** Texts on the page that change with the language and with what happens. */
export class Labels {
  #language: Language;
  #labels = new Map<Node, Map<string, (words: Words) => string>>();

  constructor(language: Language) {
    this.#language = language;
  }

  get language(): Language {
    return this.#language;
  }

  get words(): Words {
    return LANGUAGES[this.#language];
  }

  /** Sets a text, or an attribute, in whatever language is spoken. */
  set(node: Element, text: (words: Words) => string, attribute = ""): void {
    const own = this.#labels.get(node) ?? new Map<string, (words: Words) => string>();
    this.#labels.set(node, own.set(attribute, text));
    write(node, attribute, text(this.words));
  }

  speak(language: Language): void {
    this.#language = language;
    for (const [node, own] of this.#labels) {
      for (const [attribute, text] of own) write(node as Element, attribute, text(this.words));
    }
  }
}

function write(node: Element, attribute: string, text: string): void {
  // What stays the same is not written: a screen reader would say it again.
  if (attribute) {
    if (node.getAttribute(attribute) !== text) node.setAttribute(attribute, text);
  } else if (node.textContent !== text) {
    node.textContent = text;
  }
}
