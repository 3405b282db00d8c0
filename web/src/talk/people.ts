// Who is in the room, as what, and by which channel.

import type { Participant, Room } from "livekit-client";
import { hears, isAgentOf, isMusic } from "./circles";

export type Role = "you" | "agent" | "contact" | "person";

export interface Person {
  identity: string;
  name: string;
  role: Role;
  channel: string;
  /** Whether they are being called and have not picked up. */
  called: boolean;
  muted: boolean;
  speaking: boolean;
}

export type AgentState = "absent" | "initializing" | "idle" | "listening" | "thinking" | "speaking";

/** Where the call to a human stands. */
export interface Escalation {
  state: "asked" | "dialling" | "briefing" | "connected" | "failed" | "over";
  contact: string;
}

const STATES: readonly string[] = ["initializing", "idle", "listening", "thinking", "speaking"];

const ESCALATION: readonly string[] = ["asked", "dialling", "briefing", "connected", "failed", "over"];

const UNANSWERED: readonly (string | undefined)[] = ["dialing", "ringing", "automation"];

/** Characters of a name that is shown. */
const LONGEST_NAME = 100;

/** Whom the visitor shares the room with; whoever is elsewhere in it is not seen. */
export function people(room: Room): Person[] {
  const me = room.localParticipant;
  const others = [...room.remoteParticipants.values()].filter((one) => one.identity !== "" && hears(me, one) && !isMusic(one));
  return [person(me), ...others.map(person)];
}

/** The room's agent; the one that leaves counts no more once another is in. */
export function agentOf(room: Room): Participant | undefined {
  const agents = [...room.remoteParticipants.values()].filter((one) => isAgentOf(room.localParticipant, one));
  return agents.at(-1);
}

export function agentState(room: Room): AgentState {
  const agent = agentOf(room);
  if (!agent) return "absent";
  const state = agent.attributes["lk.agent.state"] ?? "";
  if (STATES.includes(state)) return state as AgentState;
  return agent.isSpeaking ? "speaking" : "listening";
}

/** What whoever calls a human says about it; only our own side of the room can. */
export function escalation(room: Room): Escalation | undefined {
  for (const one of room.remoteParticipants.values()) {
    const text = one.isAgent || isMusic(one) ? one.attributes["patchbay.escalation"] : undefined;
    const told = text ? parsed(text) : undefined;
    if (told) return told;
  }
  return undefined;
}

function parsed(text: string): Escalation | undefined {
  try {
    const { state, contact } = JSON.parse(text) as Record<string, unknown>;
    if (typeof state !== "string" || !ESCALATION.includes(state)) return undefined;
    const name = typeof contact === "string" ? contact.slice(0, LONGEST_NAME) : "";
    return { state: state as Escalation["state"], contact: name };
  } catch {
    return undefined;
  }
}

function person(one: Participant): Person {
  const { attributes } = one;
  return {
    identity: one.identity,
    name: one.name ?? "",
    role: role(one),
    channel: attributes["channel"] ?? (one.isAgent ? "" : "web"),
    called: UNANSWERED.includes(attributes["sip.callStatus"]),
    muted: !one.isMicrophoneEnabled,
    speaking: one.isSpeaking,
  };
}

function role(one: Participant): Role {
  if (one.isLocal) return "you";
  if (one.isAgent) return "agent";
  return one.attributes["patchbay.role"] === "contact" ? "contact" : "person";
}
