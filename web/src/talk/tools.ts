// Functions of the page that the agent may call, by LiveKit RPC: one method for each, and one that lists them.

import { RoomEvent, RpcError, type RemoteParticipant, type Room } from "livekit-client";

/** The arguments are what the agent chose: a tool checks them as it would check any input. */
export type ToolHandler = (input: Record<string, unknown>) => unknown;

export interface Tool {
  name: string;
  /** For the agent: what it does and when to use it. */
  description: string;
  /** A JSON schema of its arguments. */
  parameters?: object;
  run: ToolHandler;
}

export interface ToolUse {
  name: string;
  input: Record<string, unknown>;
  state: "running" | "done" | "failed";
}

/** Bytes; LiveKit carries no longer answers. */
const LONGEST_ANSWER = 15_000;

/** LiveKit keeps 1001 to 1999 for itself, and does not pass on their words. */
const FAILED = 2000;

/** Milliseconds. */
const ARRIVAL_WITHIN = 3000;

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** Where an agent hears what is offered. */
const TOPIC = "patchbay.tools";

export class Tools {
  #tools = new Map<string, Tool>();
  #room: Room | undefined;
  /** The agent that knows what is offered. */
  #informed = "";

  constructor(private readonly told: (use: ToolUse) => void) {}

  get names(): string[] {
    return [...this.#tools.keys()];
  }

  /** What the agent is told about them. */
  describe(): { name: string; description: string; parameters: object }[] {
    return [...this.#tools.values()].map(({ name, description, parameters }) => ({
      name,
      description,
      parameters: parameters ?? { type: "object", properties: {} },
    }));
  }

  /** Offers a function; another one of the same name is replaced. */
  register(tool: Tool): void {
    if (!NAME.test(tool.name)) throw new TypeError(`“${tool.name}” is no name for a tool: ${NAME}`);
    if (typeof tool.run !== "function") throw new TypeError(`the tool “${tool.name}” has no function`);
    this.#tools.set(tool.name, tool);
    this.#serve(tool.name);
    this.#changed();
  }

  /** Offers a function that works where the page has none of that name. */
  provide(tool: Tool): void {
    if (!this.#tools.has(tool.name)) this.register(tool);
  }

  /** Takes it back. */
  unregister(name: string): void {
    if (!this.#tools.delete(name)) return;
    this.#room?.unregisterRpcMethod(name);
    this.#changed();
  }

  /** Serves them in this room. */
  attach(room: Room): void {
    this.#room = room;
    this.#informed = "";
    room.registerRpcMethod("patchbay.tools", async () => JSON.stringify(this.describe()));
    for (const name of this.#tools.keys()) this.#serve(name);
  }

  /** Tells an agent what is offered, once; it must be listening. */
  inform(agent: string): void {
    if (this.#informed === agent) return;
    this.#informed = agent;
    if (this.#tools.size) this.#tell(agent);
  }

  #changed(): void {
    if (this.#informed) this.#tell(this.#informed);
  }

  #tell(agent: string): void {
    const payload = new TextEncoder().encode(JSON.stringify(this.describe()));
    const options = { reliable: true, topic: TOPIC, destinationIdentities: [agent] };
    // An agent that has just left is followed by one that is told as well.
    this.#room?.localParticipant.publishData(payload, options).catch(() => undefined);
  }

  #serve(name: string): void {
    const room = this.#room;
    if (!room) return;
    room.unregisterRpcMethod(name);
    room.registerRpcMethod(name, async ({ payload, callerIdentity }) => {
      // Others in the room are visitors as well; only the agent calls functions of this page.
      if (!(await arrived(room, callerIdentity))?.isAgent) throw new RpcError(FAILED, "only the agent may call");
      return this.#run(name, payload);
    });
  }

  async #run(name: string, payload: string): Promise<string> {
    const tool = this.#tools.get(name);
    if (!tool) throw new RpcError(FAILED, "the page has taken this tool back");
    const input = parsed(payload);
    this.told({ name, input, state: "running" });
    try {
      const answer = JSON.stringify((await tool.run(input)) ?? { ok: true });
      if (new TextEncoder().encode(answer).length > LONGEST_ANSWER) throw new Error("the answer is too long");
      this.told({ name, input, state: "done" });
      return answer;
    } catch (error) {
      this.told({ name, input, state: "failed" });
      throw new RpcError(FAILED, error instanceof Error ? error.message.slice(0, 200) : "the tool failed");
    }
  }
}

/** A call may be here before its caller's arrival was told. */
async function arrived(room: Room, identity: string): Promise<RemoteParticipant | undefined> {
  const known = () => room.remoteParticipants.get(identity);
  if (known()) return known();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(late);
      room.off(RoomEvent.ParticipantConnected, look);
      resolve(known());
    };
    const look = () => void (known() && done());
    const late = setTimeout(done, ARRIVAL_WITHIN);
    room.on(RoomEvent.ParticipantConnected, look);
  });
}

function parsed(payload: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload || "{}");
    if (value && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Falls through: the agent hears what was wrong.
  }
  throw new RpcError(FAILED, "the arguments are no JSON object");
}
