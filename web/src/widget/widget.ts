// `<patchbay-widget>`: the conversation in a corner of anybody's page.

import { Conversation } from "../talk/conversation";
import { VisitDoor, type HumanWish, type PhoneWish } from "../talk/door";
import type { Escalation } from "../talk/people";
import { Tools, type Tool } from "../talk/tools";
import { h, icon } from "../view/dom";
import { nameOf } from "../view/lines";
import { Panel } from "../view/panel";
import { Roster } from "../view/roster";
import { chosenLanguage, Labels } from "../words/words";
import { style } from "./styles";

/** The server that this script came from, unless the element names another. */
const ORIGIN = (() => {
  const script = document.currentScript;
  return script instanceof HTMLScriptElement && script.src ? new URL(script.src).origin : location.origin;
})();

class PatchbayWidget extends HTMLElement {
  static readonly observedAttributes = ["language", "label"];

  readonly #labels = new Labels("en");
  #step: string | undefined;
  readonly #tools = new Tools((use) => {
    this.#panel?.using(use.state === "running" ? use.name : undefined);
    this.#announce("tool", use);
  });
  readonly #roster = new Roster(this.#labels, "strip");
  readonly #launch = h("button", { type: "button", class: "launch", "aria-expanded": "false" });
  readonly #launchText = h("span");
  readonly #box = h("div", { class: "box", role: "dialog", hidden: true });
  #conversation: Conversation | undefined;
  #panel: Panel | undefined;

  connectedCallback(): void {
    if (this.#conversation) return;
    const root = this.attachShadow({ mode: "open" });
    style(root);
    const server = (this.getAttribute("server") ?? ORIGIN).replace(/\/+$/, "");
    const door = new VisitDoor(server, this.getAttribute("publishable-key"));
    const conversation = new Conversation(door, this.#tools, root);
    const panel = new Panel(conversation, this.#labels, () => ({
      profile: this.getAttribute("profile") ?? undefined,
      name: this.getAttribute("name") ?? undefined,
    }));
    [this.#conversation, this.#panel] = [conversation, panel];
    panel.hint = (words) => this.getAttribute("hint") || words.hint.ask;
    this.#build(root, panel);
    this.#tell(conversation);
    this.#speak();
  }

  /** Removed from its page, it hangs up. Moved, it is connected again within the same task. */
  disconnectedCallback(): void {
    queueMicrotask(() => void (!this.isConnected && this.#conversation?.end()));
  }

  attributeChangedCallback(): void {
    this.#speak();
  }

  /** What the conversation is doing: `ready`, `connecting`, `live` or `reconnecting`. */
  get state(): string {
    return this.#conversation?.phase ?? "ready";
  }

  /** Shows the conversation. */
  open(): void {
    this.#show(true);
  }

  /** Shows the button alone; a conversation goes on. */
  minimise(): void {
    this.#show(false);
  }

  /** Begins to talk, or to write only. */
  async start({ microphone = true }: { microphone?: boolean } = {}): Promise<void> {
    await this.#panel?.start(microphone);
  }

  async end(): Promise<void> {
    await this.#conversation?.end();
  }

  async mute(): Promise<void> {
    await this.#conversation?.speak(false);
  }

  async unmute(): Promise<void> {
    await this.#conversation?.speak(true);
  }

  /** Says something in writing; begins a conversation if there is none. */
  async send(text: string): Promise<void> {
    if (this.state === "ready") await this.start({ microphone: false });
    await this.#conversation?.write(text);
  }

  /** Has a human called into the conversation; with a number the visitor is called as well. */
  async callHuman(wish: HumanWish = {}): Promise<void> {
    await this.#conversation?.callHuman(wish);
  }

  /** Has a telephone called into the conversation. */
  async callPhone(wish: PhoneWish): Promise<void> {
    await this.#conversation?.callPhone(wish);
  }

  /** Offers the agent a function of the page. */
  registerTool(tool: Tool): void {
    this.#tools.register(tool);
  }

  unregisterTool(name: string): void {
    this.#tools.unregister(name);
  }

  #build(root: ShadowRoot, panel: Panel): void {
    const close = h("button", { type: "button", class: "icon-only" }, icon("minimise"));
    this.#labels.set(close, (words) => words.minimise, "aria-label");
    close.addEventListener("click", () => this.#show(false));
    panel.status.append(close);
    panel.extra.append(this.#roster.element);
    this.#labels.set(this.#box, (words) => words.conversation, "aria-label");
    this.#box.append(panel.element);
    this.#box.addEventListener("keydown", (event) => {
      // What is typed here is no shortcut of the page.
      event.stopPropagation();
      if (event.key === "Escape") this.#show(false);
    });
    this.#launch.append(icon("microphone"), this.#launchText);
    this.#launch.addEventListener("click", () => this.#show(true));
    root.append(this.#launch, this.#box);
  }

  #tell(conversation: Conversation): void {
    let wasLive = false;
    conversation.on("phase", (phase) => {
      this.#speak();
      if (phase === "live" && !wasLive) {
        wasLive = true;
        const { roomName, sessionId } = conversation.ticket!;
        this.#announce("connected", { room: roomName, session: sessionId });
      }
    });
    conversation.on("agent", () => this.#speak());
    conversation.on("people", (people) => this.#roster.show(people));
    conversation.on("escalation", (escalation) => this.#follow(escalation));
    conversation.on("ended", () => {
      if (wasLive) this.#announce("ended", {});
      wasLive = false;
    });
    conversation.on("caption", (caption) => {
      if (caption.how === "note") return;
      const { id, side, how, text, final } = caption;
      this.#announce("transcript", { id, side, who: nameOf(caption, this.#labels.words), how, text, final });
    });
    conversation.on("trouble", (trouble) => {
      if (trouble) this.#announce("error", { kind: trouble.kind, message: this.#labels.words.trouble[trouble.kind] });
    });
  }

  /** Each step of an escalation is told once. */
  #follow(escalation: Escalation | undefined): void {
    const step = escalation && `${escalation.state} ${escalation.contact}`;
    if (step === this.#step) return;
    this.#step = step;
    if (escalation) this.#announce("escalation", { ...escalation });
  }

  #announce(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(`patchbay:${name}`, { detail, bubbles: true, composed: true }));
  }

  #show(open: boolean): void {
    if (this.#box.hidden !== open) return;
    this.#box.hidden = !open;
    this.#launch.hidden = open;
    this.#launch.setAttribute("aria-expanded", String(open));
    if (open) this.#panel?.focus();
    else this.#launch.focus();
  }

  #speak(): void {
    const wished = this.getAttribute("language") ?? this.closest("[lang]")?.getAttribute("lang");
    this.#labels.speak(chosenLanguage(wished, ...navigator.languages));
    this.#panel?.speak();
    this.#roster.speak();
    const live = this.state !== "ready";
    this.#launch.classList.toggle("live", live);
    const [label, doing] = [this.getAttribute("label"), this.#panel?.doing];
    this.#launchText.textContent = live && doing ? doing : label || this.#labels.words.open;
  }
}

// A page may load the script twice.
if (!customElements.get("patchbay-widget")) customElements.define("patchbay-widget", PatchbayWidget);
