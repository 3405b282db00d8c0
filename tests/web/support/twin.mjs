// A twin of Twilio on this machine: whoever is called picks up, or not, as a test says.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const ROOT = new URL("../../../", import.meta.url).pathname;
const TARGET = process.env.CARGO_TARGET_DIR ?? `${ROOT}target`;
const BINARY = process.env.TWIN_BIN ?? `${TARGET}/debug/twilio-twin`;

/** Where the program says that it is found; the twin knows better. */
export const PUBLIC = "https://voice.test";

const ACCOUNT = "AC00000000000000000000000000000001";
const TOKEN = "of these tests";
const NUMBER = "+15005550006";

/** Milliseconds. */
const PATIENCE = 20_000;

/** What the program has to know to call by a twin that listens there. */
export const environment = (port) => ({
  TWILIO_BASE_URL: `http://127.0.0.1:${port}`,
  TWILIO_ACCOUNT_SID: ACCOUNT,
  TWILIO_AUTH_TOKEN: TOKEN,
  TWILIO_PHONE_NUMBER: NUMBER,
  WEBHOOK_URL: PUBLIC,
});

/** Starts the twin; `phones` says who answers, by number. */
export async function startTwin(port, patchbay, phones) {
  const child = spawn(
    BINARY,
    ["--listen", `127.0.0.1:${port}`, "--account-sid", ACCOUNT, "--number", NUMBER, "--route", `${PUBLIC}=${patchbay}`],
    { env: { PATH: process.env.PATH, TWILIO_AUTH_TOKEN: TOKEN }, stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  const type = (line) => child.stdin.write(`${line}\n`);
  /** Waits for a line that fits, from the first one that was not looked at; returns what the pattern caught. */
  let looked = 0;
  const says = async (pattern) => {
    for (const end = Date.now() + PATIENCE; Date.now() < end; ) {
      for (; looked < lines.length; looked++) {
        const found = pattern.exec(lines[looked]);
        if (found) return (looked++, found);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`the twin never said ${pattern}:\n${lines.join("\n")}`);
  };
  await says(/^ready/);
  for (const [number, who] of Object.entries(phones)) type(`phone ${number} ${who}`);
  return {
    type,
    says,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
