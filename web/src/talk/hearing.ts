// Reads what is said and typed in a room into captions.

import type { Room, TextStreamReader } from "livekit-client";
import type { Caption, Captions, Side } from "./captions";

const TRANSCRIPTION = "lk.transcription";
const CHAT = "lk.chat";
const SEGMENT = "lk.segment_id";
const FINAL = "lk.transcription_final";

/** Characters of a line; an honest one is far shorter. */
const LONGEST = 20_000;

/** How the identities of those begin whose lines are an agent's, even when they have left. */
const PROGRAM = /^(agent|briefer)-/;

export class Hearing {
  constructor(
    private readonly room: Room,
    private readonly captions: Captions,
    private readonly changed: (caption: Caption) => void,
  ) {
    room.registerTextStreamHandler(TRANSCRIPTION, (reader, { identity }) => void this.#transcript(reader, identity));
    room.registerTextStreamHandler(CHAT, (reader, { identity }) => void this.#message(reader, identity));
  }

  /** Who somebody is to the visitor. */
  side(identity: string): Side {
    if (identity === this.room.localParticipant.identity) return "own";
    return this.room.remoteParticipants.get(identity)?.isAgent || PROGRAM.test(identity) ? "agent" : "other";
  }

  async #transcript(reader: TextStreamReader, identity: string): Promise<void> {
    const { id: stream, attributes } = reader.info;
    const line = {
      id: `${identity}/${attributes?.[SEGMENT] ?? stream}`,
      who: this.#name(identity),
      side: this.side(identity),
      how: "spoken" as const,
    };
    // An agent's line grows within one stream, and is told anew from its beginning when somebody may read it no
    // longer. A person's comes whole, again and again, in streams of their own.
    const grows = line.side === "agent";
    let text = "";
    try {
      for await (const words of reader) {
        text = (text + words).slice(0, LONGEST);
        this.changed(this.captions.put({ ...line, text }, false));
      }
    } catch {
      // The stream broke off with its sender: what was heard stays.
    }
    const final = grows || reader.info.attributes?.[FINAL] === "true";
    if (!final) return;
    this.changed(this.captions.put({ ...line, text }, true));
  }

  async #message(reader: TextStreamReader, identity: string): Promise<void> {
    const text = await reader.readAll().catch(() => "");
    if (!text.trim()) return;
    const [who, side] = [this.#name(identity), this.side(identity)];
    const line = { id: `chat/${reader.info.id}`, who, side, how: "typed" as const, text: text.slice(0, LONGEST) };
    this.changed(this.captions.put(line, true));
  }

  #name(identity: string): string {
    return this.room.getParticipantByIdentity(identity)?.name || "";
  }
}
