// How the agent hears the visitor, and the offer to let this browser write down what they say.

import type { Conversation } from "../talk/conversation";
import { Recognition, recognitionPlace } from "../talk/recognition";
import { Trouble } from "../talk/trouble";
import { h } from "../view/dom";
import type { Labels } from "../words/words";
import type { ProfileTold } from "./told";


export class Listening {
  readonly element = h("section", { class: "card listening" });
  #hint = h("p");
  #cast = h("p", { class: "soft" });
  #offer = h("div", { class: "offer" });
  #box = h("input", { type: "checkbox", id: "browser-hears", "aria-describedby": "browser-consent" });
  #consent = h("p", { class: "soft", id: "browser-consent" });
  #place: "here" | "maker" | "none" = "none";
  #profile: ProfileTold | undefined;
  #recognition: Recognition;

  constructor(
    private readonly labels: Labels,
    private readonly conversation: Conversation,
    private readonly failed: (trouble: Trouble) => void,
  ) {
    const title = h("h2");
    labels.set(title, (words) => words.side.hearing);
    const label = h("label", { for: "browser-hears" });
    labels.set(label, (words) => words.side.browser);
    labels.set(this.#hint, (words) => words.side.offline);
    this.#offer.append(h("div", { class: "choice" }, this.#box, label), this.#consent);
    this.#offer.hidden = true;
    this.element.append(title, this.#cast, this.#hint, this.#offer);

    this.#recognition = new Recognition(
      ({ stretch, text, final }) => {
        conversation.note({ id: stretch, who: "", side: "own", how: "spoken", text }, final);
        if (final && text.trim()) void conversation.send(text);
      },
      () => {
        this.#box.checked = false;
        void conversation.speak(true);
        this.failed(new Trouble("recognition-failed"));
      },
    );
    this.#box.addEventListener("change", () => this.#follow());
    conversation.on("phase", () => this.#follow());
    conversation.on("microphone", () => this.#follow());
  }

  /** Whether the visitor's voice goes to the browser instead of into the room. */
  get inBrowser(): boolean {
    return this.#box.checked;
  }

  async about(profile: ProfileTold | undefined): Promise<void> {
    this.#profile = profile;
    this.element.hidden = !profile || profile.echo;
    this.#place = await recognitionPlace(this.#language());
    this.#offer.hidden = this.#place === "none";
    this.speak();
  }

  speak(): void {
    const { words } = this.labels;
    const profile = this.#profile;
    if (!profile) return;
    const { hears, thinks, speaks } = words.side;
    const roles = [`${hears}: ${profile.hears.join(", ")}`, `${thinks}: ${profile.thinks.join(", ")}`];
    this.#cast.textContent = [...roles, `${speaks}: ${profile.speaks.join(", ")}`].join(" · ");
    this.#hint.hidden = profile.hears[0] !== "offline";
    this.#consent.textContent = this.#place === "here" ? words.side.consentHere : words.side.consentMaker;
  }

  /** One of the two listens, never both: the agent would hear everything twice. */
  #follow(): void {
    const { conversation } = this;
    const should = this.#box.checked && conversation.phase === "live";
    if (should && conversation.microphone === "on") void conversation.speak(false);
    if (should && !this.#recognition.running) {
      this.#recognition.start(this.#language(), this.#place === "here" ? "here" : "maker");
    }
    if (!should && this.#recognition.running) {
      this.#recognition.stop();
      if (conversation.phase === "live") void conversation.speak(true);
    }
  }

  #language(): string {
    const first = this.#profile?.languages[0] ?? this.labels.language;
    return first.includes("-") ? first : first === "fr" ? "fr-FR" : "en-US";
  }
}
