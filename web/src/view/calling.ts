// Asking for a human, or for a telephone in the conversation: two buttons, and where it stands.

import type { Conversation } from "../talk/conversation";
import type { Escalation } from "../talk/people";
import type { Labels, Words } from "../words/words";
import { CallDialog } from "./dialog";
import { h, icon } from "./dom";

/** States in which somebody is on their way or there: asking again would change nothing. */
const UNDER_WAY: readonly string[] = ["asked", "dialling", "briefing", "connected"];

export class Calling {
  /** The two buttons. */
  readonly buttons = h("div", { class: "calling", role: "group", hidden: true });
  /** Where it stands. It is always there, so that screen readers notice what is written into it. */
  readonly standing = h("div", { class: "standing", "aria-live": "polite", "data-state": "none" });
  #text = h("span");
  #human = h("button", { type: "button", class: "plain human" });
  #phone = h("button", { type: "button", class: "plain phone" });
  #dialog: CallDialog;

  constructor(
    private readonly labels: Labels,
    conversation: Conversation,
  ) {
    this.#dialog = new CallDialog(labels, conversation);
    const [humanText, phoneText] = [h("span"), h("span")];
    labels.set(humanText, (words) => words.calling.human);
    labels.set(phoneText, (words) => words.calling.phone);
    labels.set(this.buttons, (words) => words.calling.title, "aria-label");
    this.#human.append(icon("person"), humanText);
    this.#phone.append(icon("phone"), phoneText);
    this.buttons.append(this.#human, this.#phone, this.#dialog.element);
    this.standing.append(h("i", { "aria-hidden": "true" }), this.#text);
    this.#human.addEventListener("click", () => this.#dialog.open("human"));
    this.#phone.addEventListener("click", () => this.#dialog.open("phone"));
    conversation.on("escalation", (escalation) => this.#show(escalation));
    conversation.on("phase", (phase) => {
      const { human, phone } = conversation.offers;
      this.#human.hidden = !human;
      this.#phone.hidden = !phone;
      this.buttons.hidden = phase !== "live" || (!human && !phone);
      if (phase === "ready") this.#dialog.close();
    });
    this.#show(undefined);
  }

  #show(escalation: Escalation | undefined): void {
    const state = escalation?.state ?? "none";
    const name = escalation?.contact ?? "";
    this.standing.dataset["state"] = state;
    this.labels.set(this.#text, (words) => sentence(words, state, name));
    this.#human.disabled = UNDER_WAY.includes(state);
  }
}

function sentence({ calling }: Words, state: Escalation["state"] | "none", name: string): string {
  if (state === "none" || state === "over") return "";
  return calling.state[state].replace("{name}", name || calling.somebody);
}
