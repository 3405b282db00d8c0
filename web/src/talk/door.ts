// The ways into a room, and what can be asked for once inside: by the whole API on one's own machine, by a visit on
// everybody else's page, by an invitation.

import { Trouble, answerTrouble, callTrouble } from "./trouble";

/** What a server offers besides the agent. */
export interface Offers {
  /** Whether a human can be called in. */
  human: boolean;
  /** Whether telephones can be called into the room. */
  phone: boolean;
}

/** What opens one room for one identity. */
export interface Ticket {
  token: string;
  livekitUrl: string;
  roomName: string;
  sessionId: string;
  /** Whether an agent is there or on its way; known of a room that was live already. */
  agentPresent?: boolean;
  /** Shows later that the visit is one's own. */
  proof?: string;
  offers?: Offers;
}

export interface Wish {
  profile?: string | undefined;
  name?: string | undefined;
  room?: string | undefined;
}

/** A human who is wanted; with a number the visitor is called as well. */
export interface HumanWish {
  contact?: string | undefined;
  reason?: string | undefined;
  callerNumber?: string | undefined;
}

/** A telephone that is wanted in the room. */
export interface PhoneWish {
  to: string;
  name?: string | undefined;
}

export interface Door {
  enter(wish: Wish): Promise<Ticket>;
  /** Lets the same visitor in again after the connection was lost. */
  again(ticket: Ticket): Promise<Ticket>;
  escalate(ticket: Ticket, wish: HumanWish): Promise<void>;
  dial(ticket: Ticket, wish: PhoneWish): Promise<void>;
}

/** Milliseconds. Longer than the server takes for anything. */
const ANSWER_WITHIN = 20_000;

/** Every visitor of a room has a name of their own. */
const randomIdentity = () => `guest-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;

/** Creates rooms by the API itself; a room that is live already is joined. */
export class ApiDoor implements Door {
  #identity = randomIdentity();

  constructor(
    private readonly server: string,
    private readonly offers: Offers,
  ) {}

  async enter({ profile, name, room }: Wish): Promise<Ticket> {
    this.#identity = randomIdentity();
    if (room) {
      const joined = await ask(`${this.server}/room/join`, this.#guest(room, name));
      if (joined.status !== 404) return this.#read(joined);
    }
    const wanted = { roomName: room, hostIdentity: this.#identity, hostName: name, profile };
    return this.#read(await ask(`${this.server}/room/create`, wanted));
  }

  async again({ roomName }: Ticket): Promise<Ticket> {
    return this.#read(await ask(`${this.server}/room/join`, this.#guest(roomName)));
  }

  async escalate({ roomName }: Ticket, wish: HumanWish): Promise<void> {
    await call(`${this.#room(roomName)}/escalate`, wish);
  }

  async dial({ roomName }: Ticket, wish: PhoneWish): Promise<void> {
    await call(`${this.#room(roomName)}/dial`, wish);
  }

  #room(name: string): string {
    return `${this.server}/room/${encodeURIComponent(name)}`;
  }

  #guest(roomName: string, participantName?: string) {
    return { roomName, participantIdentity: this.#identity, participantName };
  }

  async #read(answer: Response): Promise<Ticket> {
    return { ...(await read<Ticket>(answer)), offers: this.offers };
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
    return read<Ticket>(answer);
  }

  async again(ticket: Ticket): Promise<Ticket> {
    return ticket;
  }

  async escalate({ roomName, proof }: Ticket, wish: HumanWish): Promise<void> {
    await call(`${this.server}/visit/escalate`, { roomName, proof, ...wish }, this.key);
  }

  async dial({ roomName, proof }: Ticket, wish: PhoneWish): Promise<void> {
    await call(`${this.server}/visit/dial`, { roomName, proof, ...wish }, this.key);
  }
}

/** What a contact reads before they come. */
export interface Invitation {
  contact: string;
  briefing: { caller: string | null; reason: string | null; summary: string | null };
}

/** Comes by an invitation, which is the page's own address: once. */
export class InvitedDoor implements Door {
  constructor(private readonly link: string) {}

  async invitation(): Promise<Invitation> {
    return read<Invitation>(await ask(`${this.link}/invitation`));
  }

  async decline(): Promise<void> {
    await order(`${this.link}/decline`, {});
  }

  async enter(): Promise<Ticket> {
    return read<Ticket>(await ask(this.link, {}));
  }

  async again(ticket: Ticket): Promise<Ticket> {
    return ticket;
  }

  async escalate(): Promise<void> {
    throw new Trouble("unexpected");
  }

  async dial(): Promise<void> {
    throw new Trouble("unexpected");
  }
}

/** Asks with a body, or without one just looks. */
async function ask(url: string, body?: unknown, key?: string | null, once?: string): Promise<Response> {
  const headers: Record<string, string> = body ? { "content-type": "application/json" } : {};
  if (key) headers["authorization"] = `Bearer ${key}`;
  if (once) headers["idempotency-key"] = once;
  try {
    return await fetch(url, {
      method: body ? "POST" : "GET",
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_WITHIN),
    });
  } catch (error) {
    throw new Trouble("server-gone", error);
  }
}

interface Refusal {
  error?: { code?: string; details?: { field?: string } };
}

async function read<T>(answer: Response): Promise<T> {
  const body = (await answer.json().catch(() => undefined)) as (T & Refusal) | undefined;
  if (!answer.ok || !body) throw answerTrouble(answer.status, body?.error?.code ?? "");
  return body;
}

/** Asks for something of the API whose answer does not matter beyond its success. */
export async function order(url: string, body: unknown): Promise<void> {
  const answer = await ask(url, body);
  if (!answer.ok) throw answerTrouble(answer.status, (await refusal(answer)).error?.code ?? "");
}

/** Has somebody called; asked for twice, a lost answer still means one call. */
async function call(url: string, wish: object, key?: string | null): Promise<void> {
  const once = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const answer = await ask(url, wish, key, once);
  if (answer.ok) return;
  const { code = "", details } = (await refusal(answer)).error ?? {};
  throw callTrouble(answer.status, code, details?.field ?? "");
}

async function refusal(answer: Response): Promise<Refusal> {
  return ((await answer.json().catch(() => undefined)) as Refusal | undefined) ?? {};
}
