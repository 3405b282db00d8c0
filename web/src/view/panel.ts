// The conversation on the screen: what the agent does, the captions, and the controls. The page and the widget share it.

import type { Caption } from "../talk/captions";
import type { Conversation } from "../talk/conversation";
import type { Person } from "../talk/people";
import type { Trouble } from "../talk/trouble";
import type { Labels, Words } from "../words/words";
import { Calling } from "./calling";
import { Devices } from "./devices";
import { h, icon } from "./dom";
import { Lines, nameOf } from "./lines";
import { Meter } from "./meter";
import { Notice } from "./notice";
import { nameOf as personName } from "./roster";

type Doing = keyof Words["state"];

/** Milliseconds between looks at the levels. */
const GLANCE = 50;

export interface Wishes {
  profile?: string | undefined;
  name?: string | undefined;
  room?: string | undefined;
}

export class Panel {
  readonly element = h("section", { class: "panel" });
  /** Below that line; what the page has to add. */
  readonly extra = h("div");
  /** Where the page may add to the line that says what the agent does. */
  readonly status = h("div", { class: "status" });
  #doing = h("strong", { class: "doing" });
  #agentMeter = new Meter();
  #ownMeter = new Meter();
  #lines: Lines;
  #notice: Notice;
  #empty = h("p", { class: "empty" });
  #hint = h("p", { class: "hint" });
  #said = h("div", { class: "unseen", "aria-live": "polite" });
  #talk = h("button", { type: "button", class: "talk" });
  #talkText = h("span");
  #mute = h("button", { type: "button", class: "plain mute", disabled: true });
  #muteText = h("span");
  #input = h("input", { type: "text", autocomplete: "off", maxlength: "2000", enterkeyhint: "send" });
  #tool: string | undefined;
  readonly devices: Devices;
  #calling: Calling;
  /** Who was there when it was last said who is. */
  #present = new Map<string, string>();
  #glance: ReturnType<typeof setInterval> | undefined;
  /** What to say first; the page knows who listens. */
  hint: (words: Words) => string = (words) => words.hint.talk;

  constructor(
    private readonly conversation: Conversation,
    private readonly labels: Labels,
    private readonly wishes: () => Wishes,
  ) {
    this.#lines = new Lines(labels.words);
    this.#notice = new Notice(labels, (trouble) => this.#act(trouble));
    this.devices = new Devices(labels, conversation);
    this.#calling = new Calling(labels, conversation);
    this.#build();
    this.#listen();
    this.refresh();
  }

  focus(): void {
    this.#talk.focus();
  }

  /** What goes on, in a word. */
  get doing(): string {
    return this.#doing.textContent ?? "";
  }

  /** Begins talking, or ends. */
  async toggle(): Promise<void> {
    if (this.conversation.phase === "ready") await this.start(true);
    else await this.conversation.end();
  }

  async start(microphone: boolean): Promise<void> {
    this.#notice.show(undefined);
    await this.conversation.start({ ...this.wishes(), microphone, device: this.devices.microphone });
    void this.devices.refresh();
  }

  speak(): void {
    this.#lines.speak(this.labels.words);
  }

  /** Shows that a tool is at work, or none. */
  using(tool: string | undefined): void {
    this.#tool = tool;
    this.refresh();
  }

  show(trouble: Trouble): void {
    this.#notice.show(trouble, this.conversation.phase === "ready");
  }

  #build(): void {
    const { labels } = this;
    labels.set(this.element, (words) => words.conversation, "aria-label");
    labels.set(this.#lines.scroller, (words) => words.captions, "aria-label");
    labels.set(this.#empty, (words) => words.nothingYet);
    labels.set(this.#input, (words) => words.writeHere, "aria-label");
    labels.set(this.#input, (words) => words.writeHere, "placeholder");
    this.status.append(this.#agentMeter.element, this.#doing);
    this.#talk.append(icon("microphone"), this.#talkText);
    this.#mute.append(this.#ownMeter.element, this.#muteText);

    const send = h("button", { type: "submit", class: "plain send" }, icon("send"));
    const sendText = h("span");
    labels.set(sendText, (words) => words.send);
    send.append(sendText);
    const form = h("form", { class: "write" }, this.#input, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#write();
    });
    const buttons = h("div", { class: "buttons" }, this.#talk, this.#mute, this.devices.element);
    // What comes and goes stands on top, so that nothing moves below the hand.
    const dock = h("div", { class: "dock", role: "group" }, this.#calling.buttons, this.#hint, buttons, form);
    labels.set(dock, (words) => words.controls, "aria-label");
    const top = h("div", { class: "top" }, this.status, this.#calling.standing, this.extra);
    const middle = h("div", { class: "middle" }, this.#lines.scroller, this.#empty, this.#notice.element);
    this.element.append(top, middle, dock, this.#said);
    this.#talk.addEventListener("click", () => void this.toggle());
    this.#mute.addEventListener("click", () => void this.conversation.speak(this.conversation.microphone !== "on"));
  }

  #listen(): void {
    const { conversation } = this;
    conversation.on("caption", (caption) => this.#caption(caption));
    conversation.on("trouble", (trouble) => this.#notice.show(trouble, conversation.phase === "ready"));
    conversation.on("agent", () => this.refresh());
    conversation.on("people", (people) => this.#meet(people));
    conversation.on("microphone", () => this.refresh());
    conversation.on("phase", (phase) => {
      if (phase === "connecting") {
        this.#lines.clear();
        this.#empty.hidden = false;
      }
      if (phase === "ready") this.#tool = undefined;
      clearInterval(this.#glance);
      if (phase === "live") this.#glance = setInterval(() => this.#measure(), GLANCE);
      this.#measure();
      this.refresh();
      // Said aloud: what the eye sees at once. The rest is in the captions, and the agent speaks itself.
      this.#said.textContent = this.#doing.textContent;
    });
  }

  refresh(): void {
    const { labels, conversation } = this;
    const { phase, microphone } = conversation;
    const ready = phase === "ready";
    const doing = this.#now();
    labels.set(this.#doing, (words) => words.state[doing]);
    this.element.dataset["doing"] = doing;
    this.element.dataset["phase"] = phase;
    labels.set(this.#talkText, (words) => (ready ? words.talk : words.end));
    this.#talk.classList.toggle("ends", !ready);
    labels.set(this.#muteText, (words) => (phase === "live" && microphone !== "on" ? words.unmute : words.mute));
    this.#mute.disabled = phase !== "live";
    this.#mute.setAttribute("aria-pressed", String(phase === "live" && microphone !== "on"));
    labels.set(this.#hint, (words) => {
      if (ready || phase === "connecting") return this.hint(words);
      return microphone === "on" ? words.hint.live : words.hint.typing;
    });
  }

  #now(): Doing {
    const { phase, agent, agentWanted } = this.conversation;
    if (phase !== "live") return phase;
    if (this.#tool) return "tool";
    if (agent === "absent" && !agentWanted) return "off";
    return agent;
  }

  #caption(caption: Caption): void {
    this.#empty.hidden = true;
    this.#lines.show(caption);
    // Who listens hears the agent. Who reads is told, once a line is complete.
    const reading = this.conversation.microphone !== "on";
    if (reading && caption.final && caption.side !== "own") {
      this.#said.textContent = `${nameOf(caption, this.labels.words)}: ${caption.text}`;
    }
  }

  /** Says who came and who went; the agent says so itself. */
  #meet(people: Person[]): void {
    const { words } = this.labels;
    const others = people.filter((one) => one.role !== "you" && one.role !== "agent" && !one.called);
    const now = new Map(others.map((one) => [one.identity, personName(one, words)]));
    const came = [...now].filter(([identity]) => !this.#present.has(identity));
    const went = [...this.#present].filter(([identity]) => !now.has(identity));
    this.#present = now;
    const sentences = [
      ...came.map(([, name]) => words.people.came.replace("{name}", name)),
      ...went.map(([, name]) => words.people.went.replace("{name}", name)),
    ];
    if (sentences.length && people.length) this.#said.textContent = sentences.join(" ");
  }

  #measure(): void {
    const { sound, microphone } = this.conversation;
    this.#agentMeter.show(sound?.agent ?? 0);
    this.#ownMeter.show(microphone === "on" ? (sound?.own ?? 0) : 0);
  }

  async #write(): Promise<void> {
    const text = this.#input.value.trim();
    if (!text) return;
    this.#input.value = "";
    if (this.conversation.phase === "ready") await this.start(false);
    await this.conversation.write(text);
  }

  #act(trouble: Trouble): void {
    if (trouble.kind === "sound-blocked") void this.conversation.startSound();
    else void this.start(true);
  }
}
