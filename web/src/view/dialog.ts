// The dialogue before somebody is called: who, on which number, and once more whether that is right.

import type { Conversation } from "../talk/conversation";
import { Trouble } from "../talk/trouble";
import type { Labels, Words } from "../words/words";
import { h } from "./dom";

type Wanted = "human" | "phone";

/** Fewer digits are no number anywhere. */
const FEWEST_DIGITS = 5;

/** Several on one page need ids of their own. */
let dialogs = 0;

export class CallDialog {
  readonly element: HTMLDialogElement;
  #title: HTMLElement;
  #form = h("form", { method: "dialog", novalidate: true });
  #ways = h("fieldset", { class: "ways" });
  #stay = h("input", { type: "radio", name: "way", value: "stay", checked: true });
  #called = h("input", { type: "radio", name: "way", value: "called" });
  #number = h("input", { type: "tel", autocomplete: "tel", maxlength: "40", required: true });
  #numberField = h("label", { class: "field" });
  #numberLabel = h("span");
  #name = h("input", { type: "text", autocomplete: "off", maxlength: "60" });
  #nameField = h("label", { class: "field" });
  #check = h("div", { class: "check", hidden: true });
  #readBack = h("strong");
  #problem = h("p", { class: "problem", role: "alert" });
  #back = h("button", { type: "button", class: "plain" });
  #go = h("button", { type: "submit", class: "go" });
  #wanted: Wanted = "human";
  #step: "choose" | "confirm" = "choose";
  #busy = false;

  constructor(
    private readonly labels: Labels,
    private readonly conversation: Conversation,
  ) {
    const id = `patchbay-dialog-${++dialogs}`;
    this.#title = h("h2", { id });
    this.element = h("dialog", { class: "call", "aria-labelledby": id });
    this.#build();
    this.#listen();
  }

  open(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#number.value = this.#name.value = "";
    this.#stay.checked = true;
    this.#problem.textContent = "";
    this.#move("choose");
    this.element.showModal();
    (wanted === "human" ? this.#stay : this.#number).focus();
  }

  close(): void {
    if (this.element.open) this.element.close();
  }

  /** Whether a number is asked for. */
  get #needsNumber(): boolean {
    return this.#wanted === "phone" || this.#called.checked;
  }

  #build(): void {
    const { labels } = this;
    const way = (input: HTMLInputElement, text: (words: Words) => string, more: (words: Words) => string) => {
      const [title, rest] = [h("span"), h("span", { class: "soft" })];
      labels.set(title, text);
      labels.set(rest, more);
      return h("label", { class: "way" }, input, h("span", { class: "way-text" }, title, rest));
    };
    const legend = h("legend");
    labels.set(legend, (words) => words.calling.how);
    this.#ways.append(
      legend,
      way(this.#stay, (words) => words.calling.stay, (words) => words.calling.stayMore),
      way(this.#called, (words) => words.calling.beCalled, (words) => words.calling.beCalledMore),
    );
    const [hint, nameLabel, question, privacy] = [h("span", { class: "soft" }), h("span"), h("p"), h("p", { class: "soft" })];
    labels.set(hint, (words) => words.calling.numberHint);
    labels.set(nameLabel, (words) => words.calling.name);
    labels.set(question, (words) => words.calling.right);
    labels.set(privacy, (words) => words.calling.notKept);
    this.#numberField.append(this.#numberLabel, this.#number, hint);
    this.#nameField.append(nameLabel, this.#name);
    this.#check.append(question, this.#readBack, privacy);
    const actions = h("div", { class: "actions" }, this.#back, this.#go);
    const fields = [this.#ways, this.#numberField, this.#nameField, this.#check];
    this.#form.append(this.#title, ...fields, this.#problem, actions);
    this.element.append(this.#form);
  }

  #listen(): void {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#next();
    });
    this.#back.addEventListener("click", () => (this.#step === "confirm" ? this.#move("choose") : this.close()));
    for (const way of [this.#stay, this.#called]) way.addEventListener("change", () => this.#show());
    this.element.addEventListener("keydown", (event) => {
      // Escape closes this, and nothing around it.
      event.stopPropagation();
    });
    this.element.addEventListener("click", (event) => event.target === this.element && this.close());
  }

  async #next(): Promise<void> {
    if (this.#busy) return;
    this.#problem.textContent = "";
    if (this.#step === "choose" && this.#needsNumber) {
      if (digits(this.#number.value).length < FEWEST_DIGITS) return this.#complain(new Trouble("number-invalid"));
      return this.#move("confirm");
    }
    this.#busy = this.#go.disabled = true;
    try {
      await this.#call();
      this.close();
    } catch (error) {
      this.#complain(error instanceof Trouble ? error : new Trouble("unexpected", error));
    } finally {
      this.#busy = this.#go.disabled = false;
    }
  }

  async #call(): Promise<void> {
    const number = this.#number.value.trim();
    if (this.#wanted === "phone") {
      return this.conversation.callPhone({ to: number, name: this.#name.value.trim() || undefined });
    }
    await this.conversation.callHuman({ callerNumber: this.#called.checked ? number : undefined });
  }

  #complain(trouble: Trouble): void {
    if (trouble.kind === "number-invalid") {
      this.#move("choose");
      this.#number.setAttribute("aria-invalid", "true");
      this.#number.focus();
    }
    this.#problem.textContent = this.labels.words.trouble[trouble.kind];
  }

  #move(step: "choose" | "confirm"): void {
    this.#step = step;
    this.#show();
    if (step === "confirm") this.#go.focus();
    else if (this.element.open) this.#number.focus();
  }

  #show(): void {
    const { labels } = this;
    const [wanted, choosing, number] = [this.#wanted, this.#step === "choose", this.#needsNumber];
    labels.set(this.#title, ({ calling }) => (wanted === "human" ? calling.human : calling.phone));
    this.#ways.hidden = !choosing || wanted === "phone";
    this.#numberField.hidden = !choosing || !number;
    this.#nameField.hidden = !choosing || wanted === "human";
    this.#check.hidden = choosing;
    labels.set(this.#numberLabel, ({ calling }) => (wanted === "human" ? calling.ownNumber : calling.number));
    this.#number.removeAttribute("aria-invalid");
    this.#readBack.textContent = readable(this.#number.value);
    // Digit by digit: a screen reader would make one huge figure of them.
    this.#readBack.setAttribute("aria-label", digits(this.#number.value).split("").join(" "));
    labels.set(this.#back, ({ calling }) => (choosing ? calling.cancel : calling.change));
    labels.set(this.#go, ({ calling }) => {
      if (choosing && number) return calling.next;
      return wanted === "human" && !number ? calling.ask : calling.call;
    });
  }
}

function digits(text: string): string {
  return text.replace(/[^0-9+]/g, "");
}

/** As it was written, if it was written in groups; in groups of three otherwise. */
function readable(text: string): string {
  const written = text.trim().replace(/\s+/g, " ");
  if (/[ ()./-]/.test(written)) return written;
  const plain = digits(written);
  return plain.replace(/\B(?=(\d{3})+$)/g, " ");
}
