// What the server wrote into the page.

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
  profile: string | null;
  profiles: ProfileTold[];
}

export function told(): Told {
  const text = document.getElementById("patchbay")?.textContent ?? "{}";
  return { mode: "serve", api: false, profile: null, profiles: [], ...(JSON.parse(text) as Partial<Told>) };
}
