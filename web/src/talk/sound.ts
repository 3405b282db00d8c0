// What is heard of others, and how loud everybody is.

import { createAudioAnalyser, RemoteAudioTrack, RoomEvent, Track, type LocalAudioTrack, type Room } from "livekit-client";
import { isMusic } from "./circles";

type Analyser = ReturnType<typeof createAudioAnalyser>;

export class Sound {
  #heard = new Map<string, { element: HTMLMediaElement; analyser?: Analyser | undefined; agent: boolean }>();
  #own: Analyser | undefined;

  constructor(room: Room, place: Node) {
    room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
      if (!(track instanceof RemoteAudioTrack) || track.kind !== Track.Kind.Audio) return;
      const element = track.attach();
      element.hidden = true;
      place.appendChild(element);
      this.#heard.set(publication.trackSid, { element, analyser: analysed(track), agent: participant.isAgent && !isMusic(participant) });
    });
    room.on(RoomEvent.TrackUnsubscribed, (_, publication) => this.#forget(publication.trackSid));
  }

  /** Measures this microphone from now on. */
  measure(track: LocalAudioTrack | undefined): void {
    void this.#own?.cleanup();
    this.#own = track && analysed(track);
  }

  /** How loud the visitor is, from 0 to 1. */
  get own(): number {
    return this.#own?.calculateVolume() ?? 0;
  }

  /** How loud the agent is, from 0 to 1. */
  get agent(): number {
    let loudest = 0;
    for (const { analyser, agent } of this.#heard.values()) {
      if (agent && analyser) loudest = Math.max(loudest, analyser.calculateVolume());
    }
    return loudest;
  }

  close(): void {
    for (const id of [...this.#heard.keys()]) this.#forget(id);
    this.measure(undefined);
  }

  #forget(id: string): void {
    const heard = this.#heard.get(id);
    if (!heard) return;
    this.#heard.delete(id);
    void heard.analyser?.cleanup();
    heard.element.remove();
  }
}

function analysed(track: RemoteAudioTrack | LocalAudioTrack): Analyser | undefined {
  try {
    return createAudioAnalyser(track, { fftSize: 256, smoothingTimeConstant: 0.4, cloneTrack: false });
  } catch {
    // Meters are a comfort: a browser without them still talks.
    return undefined;
  }
}
