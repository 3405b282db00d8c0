// Who hears whom: whoever shares a circle. The server moves people; everybody listens accordingly.

/** The attribute that names the circle somebody is in; absent or empty is the main one. */
export const CIRCLE = "patchbay.circle";

/** Somebody in a room, as far as it matters here. */
export interface Carrier {
  readonly attributes: Readonly<Record<string, string>>;
}

/** What somebody publishes. */
export interface Published {
  readonly kind: string;
  readonly isDesired: boolean;
  setSubscribed(on: boolean): void;
}

export interface Other extends Carrier {
  readonly trackPublications: ReadonlyMap<string, Published>;
}

export interface Company {
  readonly localParticipant: Carrier;
  readonly remoteParticipants: ReadonlyMap<string, Other>;
}

/** A program that is somebody to talk with, or none. */
export interface Program extends Carrier {
  readonly identity: string;
  readonly isAgent: boolean;
}

export function circle(one: Carrier): string {
  return one.attributes[CIRCLE] ?? "";
}

export function hears(one: Carrier, other: Carrier): boolean {
  return circle(one) === circle(other);
}

/** Music is nobody to talk with. */
export function isMusic(one: Program): boolean {
  return one.isAgent && one.identity.startsWith("music-");
}

/** Whether this is the agent for somebody: theirs to talk with, in their own circle. */
export function isAgentOf(me: Carrier, one: Program): boolean {
  return one.isAgent && !isMusic(one) && hears(me, one);
}

/** Listens to whoever shares the circle, and to nobody else. Pictures are not asked for. */
export function settle(room: Company): void {
  for (const other of room.remoteParticipants.values()) {
    const near = hears(room.localParticipant, other);
    for (const published of other.trackPublications.values()) {
      const wanted = near && published.kind === "audio";
      if (published.isDesired !== wanted) published.setSubscribed(wanted);
    }
  }
}
