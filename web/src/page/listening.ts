// How the agent hears the visitor, and the offer to let this browser write down what they say.

import { Track } from "livekit-client";
import type { Conversation } from "../talk/conversation";
import { Recognition, recognitionPlace } from "../talk/recognition";
import { Trouble } from "../talk/trouble";
import { h } from "../view/dom";
import type { Labels } from "../words/words";
import { Dictation } from "./dictation";
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
  #dictation: Dictation;

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

    this.#dictation = new Dictation(conversation);
    this.#recognition = new Recognition(
      (heard) => this.#dictation.take(heard),
      () => {
        this.#box.checked = false;
        this.#follow();
        this.failed(new Trouble("recognition-failed"));
      },
    );
    this.#box.addEventListener("change", () => this.#follow());
    conversation.on("phase", () => this.#follow());
    conversation.on("microphone", () => this.#follow());
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

  #follow(): void {
    const { conversation } = this;
    const should = this.#box.checked && conversation.phase === "live" && conversation.microphone === "on";
    this.#dictation.switch(should);
    if (should && !this.#recognition.running) {
      const place = this.#place === "here" ? "here" : "maker";
      this.#recognition.start(this.#language(), place, this.#voice());
    }
    if (!should) this.#recognition.stop();
  }

  /** The microphone without what the loudspeaker plays. */
  #voice(): MediaStreamTrack | undefined {
    const me = this.conversation.room?.localParticipant;
    return me?.getTrackPublication(Track.Source.Microphone)?.track?.mediaStreamTrack;
  }

  #language(): string {
    const first = this.#profile?.languages[0] ?? this.labels.language;
    return first.includes("-") ? first : first === "fr" ? "fr-FR" : "en-US";
  }
}
