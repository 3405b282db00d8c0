// Who is in the room, and by which channel.

import type { Participant, Room } from "livekit-client";
import { hears, isAgentOf, isMusic } from "./circles";

export interface Person {
  identity: string;
  name: string;
  kind: "you" | "agent" | "person";
  channel: string;
  muted: boolean;
  speaking: boolean;
}

export type AgentState = "absent" | "initializing" | "idle" | "listening" | "thinking" | "speaking";

const STATES: readonly string[] = ["initializing", "idle", "listening", "thinking", "speaking"];

/** Whom the visitor shares the room with; whoever is elsewhere in it is not seen. */
export function people(room: Room): Person[] {
  const me = room.localParticipant;
  const others = [...room.remoteParticipants.values()].filter((one) => one.identity !== "" && hears(me, one) && !isMusic(one));
  return [person(me, "you"), ...others.map((one) => person(one, one.isAgent ? "agent" : "person"))];
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

function person(one: Participant, kind: Person["kind"]): Person {
  return {
    identity: one.identity,
    name: one.name || one.identity,
    kind,
    channel: one.attributes["channel"] ?? (kind === "agent" ? "" : "web"),
    muted: !one.isMicrophoneEnabled,
    speaking: one.isSpeaking,
  };
}
