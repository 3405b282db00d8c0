// What the server tells about a session: latency of turns, tools, faults. Needs the API, so one's own machine.

import { Emitter } from "./emitter";

/** Milliseconds; the parts add up to the total. */
export interface Latency {
  totalMs: number;
  endpointingMs: number;
  transcriptionMs: number;
  firstTokenMs: number;
  firstSpeechMs: number;
  transportMs: number;
  restMs: number;
  prepared: boolean;
}

export interface Watched {
  latency: Latency;
  tool: { name: string; ok: boolean; tookMs: number };
  fault: { port: string; provider: string; kind: string };
  gone: { reason: unknown };
}

export class Watch extends Emitter<Watched> {
  #source: EventSource | undefined;

  open(server: string, sessionId: string): void {
    this.close();
    const source = new EventSource(`${server}/sessions/${encodeURIComponent(sessionId)}/events`);
    this.#source = source;
    this.#pass(source, "metrics", (data) => this.tell("latency", data as Latency));
    this.#pass(source, "tool", (data) => this.tell("tool", data as Watched["tool"]));
    this.#pass(source, "fault", (data) => this.tell("fault", data as Watched["fault"]));
    this.#pass(source, "state", (data) => {
      const state = data as { agent?: string; reason?: unknown; status?: string };
      if (state.agent === "gone") this.tell("gone", { reason: state.reason });
      // The stream is over with the session; it must not be asked for again.
      if (state.status === "ended") this.close();
    });
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  #pass(source: EventSource, name: string, tell: (data: unknown) => void): void {
    source.addEventListener(name, (event) => {
      try {
        tell(JSON.parse((event as MessageEvent<string>).data));
      } catch {
        // A line of another version: not worth a conversation.
      }
    });
  }
}
