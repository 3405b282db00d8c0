// Spoken words as WAV files, by a voice of this machine.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Milliseconds. A sentence takes a fraction of a second. */
const WITHIN = 20_000;

/** Returns the words as a WAV file. */
export async function spoken(words, voice = "slt") {
  const folder = await mkdtemp(join(tmpdir(), "patchbay-voice-"));
  try {
    const file = join(folder, "words.wav");
    await run("flite", ["-voice", voice, "-t", words, "-o", file], { timeout: WITHIN });
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
