// What was said in a recording, by the offline recogniser of this machine.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Milliseconds. It takes about as long as the recording, more on a busy machine. */
const WITHIN = 120_000;

/** Takes 16-bit samples at 16 kHz. */
export async function transcribed(samples) {
  const folder = await mkdtemp(join(tmpdir(), "patchbay-ear-"));
  try {
    const file = join(folder, "heard.raw");
    await writeFile(file, samples);
    const { stdout } = await run("pocketsphinx_continuous", ["-infile", file, "-logfn", "/dev/null"], {
      timeout: WITHIN,
    });
    return stdout.toLowerCase();
  } finally {
    await rm(folder, { recursive: true });
  }
}
