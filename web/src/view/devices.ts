// Which microphone and which loudspeaker.

import type { Conversation } from "../talk/conversation";
import type { Labels } from "../words/words";
import { h, icon } from "./dom";

type Kind = "audioinput" | "audiooutput";

export class Devices {
  readonly element = h("details", { class: "devices" });
  #lists = new Map<Kind, HTMLSelectElement>();

  constructor(
    private readonly labels: Labels,
    private readonly conversation: Conversation,
  ) {
    const title = h("span");
    labels.set(title, (words) => words.devices);
    const pop = h("div", { class: "pop" });
    this.element.append(h("summary", { class: "plain" }, icon("devices"), title), pop);
    pop.append(this.#list("audioinput"));
    // Safari and older Firefox leave that choice to the system.
    if ("setSinkId" in HTMLMediaElement.prototype) pop.append(this.#list("audiooutput"));

    this.element.addEventListener("toggle", () => void (this.element.open && this.refresh()));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.element.open) return;
      event.stopPropagation();
      this.element.open = false;
      this.element.querySelector("summary")?.focus();
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.element.contains(relatedTarget)) this.element.open = false;
    });
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.refresh());
  }

  get microphone(): string | undefined {
    return this.#lists.get("audioinput")?.value || undefined;
  }

  async refresh(): Promise<void> {
    const devices = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    for (const [kind, list] of this.#lists) {
      const chosen = list.value;
      const standard = h("option", { value: "" });
      this.labels.set(standard, (words) => words.standardDevice);
      // Before the microphone is allowed, browsers do not tell names.
      const named = devices.filter((one) => one.kind === kind && one.label && one.deviceId !== "default");
      list.replaceChildren(standard, ...named.map((one) => h("option", { value: one.deviceId }, one.label)));
      list.value = named.some((one) => one.deviceId === chosen) ? chosen : "";
    }
  }

  #list(kind: Kind): HTMLElement {
    const list = h("select");
    const title = h("span");
    this.labels.set(title, (words) => (kind === "audioinput" ? words.microphone : words.loudspeaker));
    list.append(h("option", { value: "" }));
    this.labels.set(list.options[0]!, (words) => words.standardDevice);
    list.addEventListener("change", () => void this.conversation.choose(kind, list.value || "default"));
    this.#lists.set(kind, list);
    return h("label", {}, title, list);
  }
}
