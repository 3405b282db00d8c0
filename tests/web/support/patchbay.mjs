// The real program, in dev mode, with a LiveKit server of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROOT = new URL("../../../", import.meta.url).pathname;
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const BINARY = process.env.PATCHBAY_BIN ?? join(TARGET, "debug/patchbay");
const LIVEKIT = process.env.LIVEKIT_SERVER_BIN ?? join(ROOT, "target/livekit/livekit-server");

/** Milliseconds. Other tests run beside. */
const READY_WITHIN = 60_000;
const STOPPED_WITHIN = 15_000;

/** Starts it; `configuration` is its patchbay.toml. With a public address it is found here only at a known `port`. */
export async function startPatchbay({ configuration = "", environment = {}, command = "dev", port = 0 } = {}) {
  const folder = await mkdtemp(join(tmpdir(), "patchbay-web-"));
  await writeFile(join(folder, "patchbay.toml"), configuration);
  const child = spawn(BINARY, [command, "--listen", `127.0.0.1:${port}`, "--data-dir", "data"], {
    cwd: folder,
    env: { PATH: process.env.PATH, LIVEKIT_SERVER_BIN: LIVEKIT, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = join(folder, "patchbay.log");
  child.stderr.pipe(createWriteStream(log));
  const told = await ready(child, log);
  const url = port ? `http://localhost:${port}` : told;
  return {
    url,
    folder,
    log: () => readFile(log, "utf8"),
    /** Kills the LiveKit server it has started; it starts another one. */
    async killLiveKit() {
      let killed = 0;
      for (const pid of await descendants(child.pid)) {
        const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
        if (name.startsWith("livekit-server")) killed += process.kill(pid, "SIGKILL");
      }
      if (killed !== 1) throw new Error(`${killed} LiveKit servers belong to the program`);
    },
    async stop() {
      if (child.exitCode === null) {
        const exited = once(child, "exit");
        child.kill("SIGTERM");
        const late = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN);
        await exited;
        clearTimeout(late);
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function descendants(pid) {
  // Each thread has children of its own.
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8").catch(() => ""));
  const own = (await Promise.all(lists)).join(" ").split(/\s+/).filter(Boolean).map(Number);
  return [...own, ...(await Promise.all(own.map(descendants))).flat()];
}

async function ready(child, log) {
  const late = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /Patchbay is ready: (\S+)/.exec(line) ?? [];
    if (!url) continue;
    clearTimeout(late);
    child.stdout.resume();
    return url;
  }
  throw new Error(`patchbay did not become ready:\n${await readFile(log, "utf8")}`);
}
