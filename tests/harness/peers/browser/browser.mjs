// A test peer in Chromium. This half reads and writes lines; page.mjs takes part in the room.

import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const FILES = {
  "/": ["text/html", "<!doctype html><title>peer</title><link rel=icon href=data:,><script type=module src=/page.mjs></script>"],
  "/page.mjs": ["text/javascript", await readFile(new URL("page.mjs", import.meta.url))],
  "/livekit-client.mjs": [
    "text/javascript",
    await readFile(new URL("node_modules/livekit-client/dist/livekit-client.esm.mjs", import.meta.url)),
  ],
};
const LONGEST_LOG_LINE = 400;

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

const log = (text) => process.stderr.write(`page: ${text.slice(0, LONGEST_LOG_LINE)}\n`);

// A real origin on loopback: it counts as secure, and may reach servers on loopback.
const server = createServer((request, response) => {
  const file = FILES[request.url];
  if (file) response.writeHead(200, { "content-type": file[0] }).end(file[1]);
  else response.writeHead(404).end();
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    // The servers of tests are on loopback, which does not count as an interface otherwise.
    "--allow-loopback-in-peer-connection",
  ],
});
const page = await browser.newPage();
page.on("console", (message) => ["warning", "error"].includes(message.type()) && log(message.text()));
page.on("pageerror", (error) => log(error.stack));
await page.exposeFunction("say", say);
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => globalThis.peer !== undefined);
say({ event: "ready" });

const running = new Set();
for await (const line of createInterface({ input: process.stdin })) {
  const work = perform(JSON.parse(line));
  running.add(work);
  work.finally(() => running.delete(work));
}
await page.evaluate(() => globalThis.peer.leave());
await browser.close();
server.close();

async function perform({ id, do: name, ...args }) {
  try {
    if (name === "publish_file") args.wav = (await readFile(args.file)).toString("base64");
    const { pcm, ...ok } = await page.evaluate(([name, args]) => globalThis.peer[name](args), [name, args]);
    if (name === "record") await writeFile(args.file, wav(Buffer.from(pcm, "base64")));
    say({ id, ok });
  } catch (error) {
    say({ id, error: String(error.message ?? error) });
  }
}

function wav(pcm) {
  const rate = 48000;
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + pcm.length, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([header, pcm]);
}
