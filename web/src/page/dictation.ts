// Tells the agent what this browser has understood, in place of the agent's own transcriber.

import type { Conversation } from "../talk/conversation";
import { agentOf } from "../talk/people";
import type { Heard } from "../talk/recognition";

/** Where an agent hears what somebody's own transcriber tells. */
const TOPIC = "patchbay.heard";

export class Dictation {
  #on = false;
  /** The agent that knows of it. */
  #informed = "";

  constructor(private readonly conversation: Conversation) {
    conversation.on("agent", () => this.#inform());
  }

  /** Has the agent take these words instead of the sound, or no longer. */
  switch(on: boolean): void {
    if (this.#on === on) return;
    this.#on = on;
    if (on) return this.#inform();
    if (this.#informed) this.#tell(this.#informed, { hears: false });
    this.#informed = "";
  }

  take(heard: Heard): void {
    if (this.#informed) this.#tell(this.#informed, { text: heard.text.trim(), final: heard.final });
  }

  /** Once for each agent; it must be listening. */
  #inform(): void {
    const { room, agent } = this.conversation;
    const identity = room && agent !== "absent" && agent !== "initializing" ? agentOf(room)?.identity : undefined;
    if (!this.#on || this.#informed === (identity ?? "")) return;
    this.#informed = identity ?? "";
    if (identity) this.#tell(identity, { hears: true });
  }

  #tell(agent: string, message: object): void {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    const options = { reliable: true, topic: TOPIC, destinationIdentities: [agent] };
    // An agent that has just left is followed by one that is told as well.
    this.conversation.room?.localParticipant.publishData(payload, options).catch(() => undefined);
  }
}
