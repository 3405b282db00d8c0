// A contact who was sent a link: who waits, what it is about, and whether they come.

import type { Conversation } from "../talk/conversation";
import type { Invitation, InvitedDoor } from "../talk/door";
import { Trouble } from "../talk/trouble";
import { h, icon } from "../view/dom";
import type { Panel } from "../view/panel";
import type { Labels, Words } from "../words/words";
import { INVITATION } from "./invitation";

type Stage = "reading" | "asked" | "here" | "declined" | "left" | "void";

export class Invited {
  readonly element = h("section", { class: "card invitation", "aria-live": "polite" });
  #title = h("h2");
  #facts = h("dl");
  #about = h("p", { class: "soft" });
  #accept = h("button", { type: "button", class: "accept" });
  #decline = h("button", { type: "button", class: "plain" });
  #answers = h("div", { class: "answers" });
  #invitation: Invitation | undefined;
  #stage: Stage = "reading";

  constructor(
    private readonly labels: Labels,
    private readonly door: InvitedDoor,
    conversation: Conversation,
    private readonly panel: Panel,
  ) {
    const acceptText = h("span");
    labels.set(acceptText, () => this.#words.accept);
    labels.set(this.#decline, () => this.#words.decline);
    labels.set(this.#about, () => this.#words.about);
    this.#accept.append(icon("microphone"), acceptText);
    this.#answers.append(this.#accept, this.#decline);
    this.element.append(this.#title, this.#facts, this.#about, this.#answers);
    this.#accept.addEventListener("click", () => void this.#come());
    this.#decline.addEventListener("click", () => void this.#stay());
    conversation.on("phase", (phase) => this.#follow(phase));
    conversation.on("trouble", (trouble) => {
      if (trouble?.kind === "invitation-over") this.#move("void");
    });
    this.#move("reading");
    void this.#read();
  }

  speak(): void {
    this.#facts.replaceChildren(...this.#told());
  }

  get #words() {
    return INVITATION[this.labels.language];
  }

  async #read(): Promise<void> {
    try {
      this.#invitation = await this.door.invitation();
      this.#move("asked");
      this.#accept.focus();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The first thing that touches the microphone. */
  async #come(): Promise<void> {
    this.#accept.disabled = this.#decline.disabled = true;
    await this.panel.start(true);
    this.#accept.disabled = this.#decline.disabled = false;
  }

  async #stay(): Promise<void> {
    this.#accept.disabled = this.#decline.disabled = true;
    try {
      await this.door.decline();
      this.#move("declined");
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const trouble = error instanceof Trouble ? error : new Trouble("unexpected", error);
    if (trouble.kind === "invitation-over") return this.#move("void");
    this.#accept.disabled = this.#decline.disabled = false;
    this.labels.set(this.#about, (words) => words.trouble[trouble.kind]);
  }

  #follow(phase: Conversation["phase"]): void {
    if (phase === "live") this.#move("here");
    if (phase === "ready" && this.#stage === "here") this.#move("left");
  }

  #move(stage: Stage): void {
    this.#stage = stage;
    const here = stage === "here";
    this.element.classList.toggle("briefed", here);
    this.panel.element.hidden = !here;
    this.element.parentElement?.classList.toggle("talking", here);
    this.#answers.hidden = stage !== "asked";
    this.#about.hidden = stage !== "asked";
    this.#facts.hidden = !here && stage !== "asked";
    this.labels.set(this.#title, (words) => this.#heading(words));
    this.speak();
  }

  #heading({ trouble }: Words): string {
    const invitation = this.#words;
    switch (this.#stage) {
      case "reading":
        return invitation.reading;
      case "declined":
        return invitation.declined;
      case "left":
        return invitation.left;
      case "void":
        return trouble["invitation-over"];
      case "asked":
      case "here":
        return invitation.waits.replace("{name}", this.#invitation?.briefing.caller || invitation.somebody);
    }
  }

  #told(): HTMLElement[] {
    const invitation = this.#words;
    const { reason, summary } = this.#invitation?.briefing ?? {};
    const facts = [
      [invitation.reason, reason],
      [invitation.summary, summary],
    ] as const;
    return facts.flatMap(([name, fact]) => (fact ? [h("dt", {}, name), h("dd", {}, fact)] : []));
  }
}
