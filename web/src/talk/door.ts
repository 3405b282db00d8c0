// The ways into a room: the whole API on one's own machine, a visit on everybody else's page.

import { Trouble, answerTrouble } from "./trouble";

/** What opens one room for one identity. */
export interface Ticket {
  token: string;
  livekitUrl: string;
  roomName: string;
  sessionId: string;
  /** Whether an agent is there or on its way; known of a room that was live already. */
  agentPresent?: boolean;
}

export interface Wish {
  profile?: string | undefined;
  name?: string | undefined;
  room?: string | undefined;
}

export interface Door {
  enter(wish: Wish): Promise<Ticket>;
  /** Lets the same visitor in again after the connection was lost. */
  again(ticket: Ticket): Promise<Ticket>;
}

/** Milliseconds. Longer than the server takes for anything. */
const ANSWER_WITHIN = 20_000;

/** Every visitor of a room has a name of their own. */
const randomIdentity = () => `guest-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

/** Creates rooms by the API itself; a room that is live already is joined. */
export class ApiDoor implements Door {
  #identity = randomIdentity();

  constructor(private readonly server: string) {}

  async enter({ profile, name, room }: Wish): Promise<Ticket> {
    this.#identity = randomIdentity();
    if (room) {
      const joined = await ask(`${this.server}/room/join`, this.#guest(room, name));
      if (joined.status !== 404) return read(joined);
    }
    const wanted = { roomName: room, hostIdentity: this.#identity, hostName: name, profile };
    return read(await ask(`${this.server}/room/create`, wanted));
  }

  async again({ roomName }: Ticket): Promise<Ticket> {
    return read(await ask(`${this.server}/room/join`, this.#guest(roomName)));
  }

  #guest(roomName: string, participantName?: string) {
    return { roomName, participantIdentity: this.#identity, participantName };
  }
}

/** Visits with a publishable key. */
export class VisitDoor implements Door {
  constructor(
    private readonly server: string,
    private readonly key: string | null,
  ) {}

  async enter({ profile, name }: Wish): Promise<Ticket> {
    const answer = await ask(`${this.server}/visit`, { profile, name }, this.key);
    if (answer.status === 401 && !this.key) throw new Trouble("key-missing");
    return read(answer);
  }

  async again(ticket: Ticket): Promise<Ticket> {
    return ticket;
  }
}

async function ask(url: string, body: unknown, key?: string | null): Promise<Response> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (key) headers["authorization"] = `Bearer ${key}`;
  try {
    return await fetch(url, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
  } catch (error) {
    throw new Trouble("server-gone", error);
  }
}

async function read(answer: Response): Promise<Ticket> {
  const body = (await answer.json().catch(() => undefined)) as
    | (Ticket & { error?: { code?: string } })
    | undefined;
  if (!answer.ok || !body) throw answerTrouble(answer.status, body?.error?.code ?? "");
  return body;
}

/** Asks for something of the API whose answer does not matter beyond its success. */
export async function order(url: string, body: unknown): Promise<void> {
  const answer = await ask(url, body);
  if (!answer.ok) {
    const told = (await answer.json().catch(() => undefined)) as { error?: { code?: string } } | undefined;
    throw answerTrouble(answer.status, told?.error?.code ?? "");
  }
}
