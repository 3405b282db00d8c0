// One conversation of a visitor: into the room, talking, and out again. Knows no page.

import {
  ConnectionError,
  ConnectionErrorReason,
  createLocalAudioTrack,
  DisconnectReason,
  Room,
  RoomEvent,
  type LocalAudioTrack,
} from "livekit-client";
import { Captions, type Caption } from "./captions";
import { settle } from "./circles";
import type { Door, HumanWish, Offers, PhoneWish, Ticket, Wish } from "./door";
import { Emitter } from "./emitter";
import { Hearing } from "./hearing";
import { agentOf, agentState, escalation, people, type AgentState, type Escalation, type Person } from "./people";
import { callTools } from "./calling";
import { Sound } from "./sound";
import type { Tools } from "./tools";
import { microphoneTrouble, Trouble } from "./trouble";
import "./uuid";

export type Phase = "ready" | "connecting" | "live" | "reconnecting";
export type Microphone = "none" | "on" | "muted";

export interface Events {
  phase: Phase;
  agent: AgentState;
  people: Person[];
  escalation: Escalation | undefined;
  caption: Caption;
  microphone: Microphone;
  trouble: Trouble | undefined;
  ended: void;
}

/** Milliseconds until an agent that does not come is missed; LiveKit's own clients wait as long. */
const AGENT_WITHIN = 20_000;

/** Milliseconds between tries to get back in; together about a minute. */
const TRIES = [500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000, 8000];

const CHAT = "lk.chat";

/** Lines that wait for the agent; further ones are not sent. */
const MOST_UNSENT = 20;

/** Whoever meant it does not want to be brought back. */
const MEANT: ReadonlySet<DisconnectReason | undefined> = new Set([
  DisconnectReason.CLIENT_INITIATED,
  DisconnectReason.ROOM_DELETED,
  DisconnectReason.ROOM_CLOSED,
]);

export class Conversation extends Emitter<Events> {
  readonly captions = new Captions();
  phase: Phase = "ready";
  microphone: Microphone = "none";
  ticket: Ticket | undefined;
  room: Room | undefined;
  sound: Sound | undefined;
  /** Whether the agent is meant to be there. */
  agentWanted = true;
  #wants = { microphone: false, device: undefined as string | undefined };
  #missing: ReturnType<typeof setTimeout> | undefined;
  #own = 0;
  /** Counts beginnings and ends: whoever waited finds out that it is over. */
  #attempt = 0;
  #returning = false;
  /** Written before there was somebody to read it. */
  #unsent: string[] = [];

  constructor(
    private readonly door: Door,
    private readonly tools: Tools,
    private readonly place: Node,
  ) {
    super();
  }

  get agent(): AgentState {
    return this.room ? agentState(this.room) : "absent";
  }

  get people(): Person[] {
    return this.room && this.phase !== "connecting" ? people(this.room) : [];
  }

  /** What can be asked for besides the agent. */
  get offers(): Offers {
    return (this.phase !== "ready" && this.ticket?.offers) || { human: false, phone: false };
  }

  get escalation(): Escalation | undefined {
    return this.room && this.phase !== "connecting" ? escalation(this.room) : undefined;
  }

  /** Has a human called into the conversation. */
  async callHuman(wish: HumanWish): Promise<void> {
    if (!this.ticket || this.phase === "ready") throw new Trouble("connection-lost");
    await this.door.escalate(this.ticket, wish);
  }

  /** Has a telephone called into the conversation. */
  async callPhone(wish: PhoneWish): Promise<void> {
    if (!this.ticket || this.phase === "ready") throw new Trouble("connection-lost");
    await this.door.dial(this.ticket, wish);
  }

  /** Begins; without a microphone it is a typed conversation in which the agent is heard. */
  async start(wish: Wish & { microphone: boolean; device?: string | undefined }): Promise<void> {
    if (this.phase !== "ready") return;
    this.#wants = { microphone: wish.microphone, device: wish.device };
    this.agentWanted = true;
    this.captions.clear();
    this.tell("trouble", undefined);
    this.#move("connecting");
    const attempt = ++this.#attempt;
    // The visitor is asked for the microphone while the room is being made.
    const voice = this.#voice();
    try {
      if (typeof RTCPeerConnection === "undefined") throw new Trouble("webrtc-missing");
      const ticket = await this.door.enter(wish);
      if (attempt !== this.#attempt) return drop(voice);
      this.agentWanted = ticket.agentPresent !== false;
      await this.#join(ticket, voice);
    } catch (error) {
      drop(voice);
      if (attempt !== this.#attempt) return;
      this.#over();
      this.tell("trouble", connectionTrouble(error));
    }
  }

  async end(): Promise<void> {
    const { room, phase } = this;
    if (phase === "ready") return;
    this.#over();
    await room?.disconnect();
  }

  /** Switches the microphone on or off; asks for it if there is none yet. */
  async speak(on: boolean): Promise<void> {
    const room = this.room;
    if (!room || this.phase === "ready") return;
    this.#wants.microphone = on;
    if (this.microphone === "none") {
      if (on) await this.#publish(room, this.#voice());
      return;
    }
    await room.localParticipant.setMicrophoneEnabled(on);
    this.#setMicrophone(on ? "on" : "muted");
  }

  async choose(kind: "audioinput" | "audiooutput", device: string): Promise<void> {
    if (kind === "audioinput") this.#wants.device = device;
    try {
      await this.room?.switchActiveDevice(kind, device);
    } catch (error) {
      this.tell("trouble", microphoneTrouble(error));
    }
  }

  /** Says something in writing; the agent answers it as it answers a spoken word. */
  async write(text: string, how: "typed" | "spoken" = "typed"): Promise<void> {
    if (!this.room || !text.trim()) return;
    this.note({ id: `own/${++this.#own}`, who: "", side: "own", how, text }, true);
    await this.send(text);
  }

  /** Sends a text that has its caption already. */
  async send(text: string): Promise<void> {
    if (this.#unsent.length < MOST_UNSENT) this.#unsent.push(text.trim());
    await this.#sendOff();
  }

  /** What is sent before the agent listens, nobody hears. */
  async #sendOff(): Promise<void> {
    const coming = this.agent === "absent" || this.agent === "initializing";
    if (!this.room || this.phase !== "live" || (this.agentWanted && coming)) return;
    for (let text = this.#unsent.shift(); text; text = this.#unsent.shift()) {
      try {
        await this.room.localParticipant.sendText(text, { topic: CHAT });
      } catch (error) {
        this.tell("trouble", new Trouble("connection-lost", error));
      }
    }
  }

  /** Puts a line of the page itself between the captions. */
  note(line: Omit<Caption, "final">, final: boolean): void {
    this.tell("caption", this.captions.put(line, final));
  }

  async startSound(): Promise<void> {
    await this.room?.startAudio();
    this.tell("trouble", undefined);
  }

  async #join(ticket: Ticket, voice: Promise<LocalAudioTrack | undefined>): Promise<void> {
    this.ticket = ticket;
    const room = new Room({ disconnectOnPageLeave: true, audioCaptureDefaults: this.#capture() });
    this.room = room;
    this.sound?.close();
    this.sound = new Sound(room, this.place);
    new Hearing(room, this.captions, (caption) => this.tell("caption", caption));
    for (const tool of callTools(this)) this.tools.provide(tool);
    this.tools.attach(room);
    this.#listen(room);
    // Whom to listen to depends on the circles that everybody is in.
    await room.connect(ticket.livekitUrl, ticket.token, { autoSubscribe: false });
    if (this.room !== room) {
      drop(voice);
      return void (await room.disconnect());
    }
    this.#move("live");
    this.#look();
    this.#expectAgent();
    await this.#publish(room, voice);
  }

  #listen(room: Room): void {
    const hear = () => settle(room);
    for (const event of [
      RoomEvent.Connected,
      RoomEvent.Reconnected,
      RoomEvent.ParticipantConnected,
      RoomEvent.ParticipantAttributesChanged,
      RoomEvent.TrackPublished,
    ]) {
      room.on(event, hear);
    }
    const look = () => this.#look();
    for (const event of [
      RoomEvent.ParticipantConnected,
      RoomEvent.ParticipantDisconnected,
      RoomEvent.ParticipantAttributesChanged,
      RoomEvent.ParticipantNameChanged,
      RoomEvent.TrackMuted,
      RoomEvent.TrackUnmuted,
      RoomEvent.TrackPublished,
      RoomEvent.ActiveSpeakersChanged,
    ]) {
      room.on(event, look);
    }
    room.on(RoomEvent.ParticipantDisconnected, () => {
      if (this.agentWanted && !agentOf(room)) this.#expectAgent("agent-left");
    });
    room.on(RoomEvent.Reconnecting, () => this.#move("reconnecting"));
    room.on(RoomEvent.Reconnected, () => this.#move("live"));
    room.on(RoomEvent.AudioPlaybackStatusChanged, () => {
      if (!room.canPlaybackAudio) this.tell("trouble", new Trouble("sound-blocked"));
    });
    room.on(RoomEvent.Disconnected, (reason) => this.#dropped(room, reason));
  }

  #look(): void {
    if (!this.room || this.phase === "ready") return;
    const agent = this.agent;
    if (agent !== "absent") clearTimeout(this.#missing);
    const listens = agent !== "absent" && agent !== "initializing";
    if (listens) this.tools.inform(agentOf(this.room)!.identity);
    void this.#sendOff();
    this.tell("agent", agent);
    this.tell("people", this.people);
    this.tell("escalation", this.escalation);
  }

  /** Says so if the agent does not come, or does not come back. */
  #expectAgent(kind: "agent-missing" | "agent-left" = "agent-missing"): void {
    clearTimeout(this.#missing);
    const wait = kind === "agent-left" ? AGENT_WITHIN / 2 : AGENT_WITHIN;
    this.#missing = setTimeout(() => {
      const waits = this.phase === "live" && this.agentWanted && this.agent === "absent";
      if (waits) this.tell("trouble", new Trouble(kind));
    }, wait);
  }

  #dropped(room: Room, reason: DisconnectReason | undefined): void {
    if (this.room !== room || this.phase === "ready" || this.phase === "connecting") return;
    // A server that was started anew knows the room no more; nobody meant that.
    if (MEANT.has(reason) && this.phase === "live") return this.#over();
    if (reason === DisconnectReason.PARTICIPANT_REMOVED || reason === DisconnectReason.DUPLICATE_IDENTITY) {
      this.#over();
      const elsewhere = reason === DisconnectReason.DUPLICATE_IDENTITY;
      return this.tell("trouble", new Trouble(elsewhere ? "elsewhere" : "put-out"));
    }
    this.#move("reconnecting");
    if (this.#returning) return;
    this.#returning = true;
    void this.#return(this.#attempt).finally(() => (this.#returning = false));
  }

  async #return(attempt: number): Promise<void> {
    for (const pause of TRIES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (attempt !== this.#attempt || !this.ticket) return;
      const voice = this.#voice();
      try {
        const ticket = await this.door.again(this.ticket);
        if (attempt !== this.#attempt) return drop(voice);
        return await this.#join(ticket, voice);
      } catch {
        drop(voice);
      }
    }
    if (attempt !== this.#attempt) return;
    this.#over();
    this.tell("trouble", new Trouble("connection-lost"));
  }

  #capture() {
    const device = this.#wants.device;
    return { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...(device && { deviceId: device }) };
  }

  /** Opens the microphone, if it is wanted. That it cannot be had is said, and no reason not to talk in writing. */
  async #voice(): Promise<LocalAudioTrack | undefined> {
    if (!this.#wants.microphone) return undefined;
    try {
      if (!globalThis.isSecureContext || !navigator.mediaDevices) throw new Trouble("insecure-origin");
      return await createLocalAudioTrack(this.#capture());
    } catch (error) {
      this.tell("trouble", error instanceof Trouble ? error : microphoneTrouble(error));
      return undefined;
    }
  }

  async #publish(room: Room, voice: Promise<LocalAudioTrack | undefined>): Promise<void> {
    const track = await voice;
    if (!track) return this.#setMicrophone("none");
    if (this.room !== room || this.phase === "ready") return track.stop();
    try {
      await room.localParticipant.publishTrack(track);
    } catch (error) {
      track.stop();
      return this.tell("trouble", connectionTrouble(error));
    }
    this.sound?.measure(track);
    this.#setMicrophone("on");
  }

  #setMicrophone(to: Microphone): void {
    this.microphone = to;
    this.tell("microphone", to);
    this.#look();
  }

  #over(): void {
    this.#attempt += 1;
    clearTimeout(this.#missing);
    this.sound?.close();
    this.room = undefined;
    this.#unsent = [];
    this.#setMicrophone("none");
    this.#move("ready");
    this.tell("agent", "absent");
    this.tell("people", []);
    this.tell("escalation", undefined);
    this.tell("ended", undefined);
  }

  #move(phase: Phase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.tell("phase", phase);
  }
}

/** A microphone that nobody needs any more must not stay open. */
function drop(voice: Promise<LocalAudioTrack | undefined>): void {
  void voice.then((track) => track?.stop());
}

function connectionTrouble(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  if (error instanceof ConnectionError) {
    if (error.reason === ConnectionErrorReason.NotAllowed) return new Trouble("key-unknown", error);
    if (error.reason === ConnectionErrorReason.ServerUnreachable) return new Trouble("server-gone", error);
    return new Trouble("webrtc-blocked", error);
  }
  return new Trouble("unexpected", error);
}
