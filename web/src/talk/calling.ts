// What the agent may do about calls by way of the page, where the page itself has nothing better.

import type { Conversation } from "./conversation";
import type { Tool } from "./tools";
import { Trouble } from "./trouble";

const NUMBER = { type: "string", description: "With its country code, such as +41791234567" };

/** Returns what works here: what the server does not offer, the agent is not offered either. */
export function callTools(conversation: Conversation): Tool[] {
  const { human, phone } = conversation.offers;
  const tools: Tool[] = [];
  if (human) {
    tools.push({
      name: "createConferenceCall",
      description:
        "Calls the visitor on their own telephone and a human into the same conversation. Ask for the number, read it " +
        "back, and use this only once the visitor has confirmed it.",
      parameters: { type: "object", properties: { userPhoneNumber: NUMBER }, required: ["userPhoneNumber"] },
      run: ({ userPhoneNumber }) => done(conversation.callHuman({ callerNumber: text(userPhoneNumber) })),
    });
  }
  if (phone) {
    tools.push({
      name: "initiatePhoneCall",
      description:
        "Calls a telephone into this conversation. Read the number back, and use this only once the visitor has " +
        "confirmed it.",
      parameters: { type: "object", properties: { phoneNumber: NUMBER }, required: ["phoneNumber"] },
      run: ({ phoneNumber }) => done(conversation.callPhone({ to: text(phoneNumber) })),
    });
  }
  return tools;
}

/** What the agent is told, which is no secret of the visitor. */
const REASONS: Partial<Record<Trouble["kind"], string>> = {
  "number-invalid": "it is no telephone number; ask for it again, with its country code",
  "number-refused": "that number may not be called from here",
  "calls-refused": "no telephone can be called from here",
  "nobody-available": "nobody is available",
  "limit-reached": "too many calls were made; later it may work",
  "call-unknown": "whether it rings is not known",
};

async function done(calling: Promise<void>): Promise<object> {
  try {
    await calling;
    return { calling: true };
  } catch (error) {
    const kind = error instanceof Trouble ? error.kind : "unexpected";
    throw new Error(REASONS[kind] ?? "it did not work this time");
  }
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
