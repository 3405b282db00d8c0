// What the server wrote into the page.

import type { Offers } from "../talk/door";

export interface ProfileTold {
  name: string;
  agent: string;
  languages: string[];
  echo: boolean;
  hears: string[];
  thinks: string[];
  speaks: string[];
}

export interface Told {
  mode: "dev" | "serve";
  /** Whether the page may use the whole API: on one's own machine. */
  api: boolean;
  /** Whether it is shown to a contact who was invited. */
  contact: boolean;
  offers: Offers;
  profile: string | null;
  profiles: ProfileTold[];
}

export function told(): Told {
  const text = document.getElementById("patchbay")?.textContent ?? "{}";
  const known = { mode: "serve" as const, api: false, contact: false, profile: null, profiles: [] };
  return { ...known, offers: { human: false, phone: false }, ...(JSON.parse(text) as Partial<Told>) };
}
