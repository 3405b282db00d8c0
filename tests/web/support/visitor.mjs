// Somebody with a browser.

import { readFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const INSIDE = await readFile(new URL("inside.js", import.meta.url), "utf8");

/** Milliseconds for whatever a visitor waits for. */
export const PATIENCE = 20_000;

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--autoplay-policy=no-user-gesture-required",
      "--use-fake-device-for-media-stream",
      // The servers of tests are on loopback, which does not count as an interface otherwise.
      "--allow-loopback-in-peer-connection",
    ],
  });
}

/** `livekit-client` when somebody is switched off before their sound has come: the server tells the one sooner than the other. */
const LATE = /^Tried to add a track for a participant, that's not present/;

/** Opens a page of its own; without `microphone` the visitor refuses it; `inside` runs in the page first. */
export async function visit(browser, url, { microphone = true, inside, ...options } = {}) {
  const context = await browser.newContext({
    locale: "en-GB",
    permissions: microphone ? ["microphone"] : [],
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error.stack ?? error)));
  page.on("console", (message) => message.type() === "error" && !LATE.test(message.text()) && problems.push(message.text()));
  await page.addInitScript(INSIDE);
  if (inside) await page.addInitScript(inside);
  await page.goto(url);
  return Object.assign(page, {
    problems,
    say: (wav) => page.evaluate((base64) => globalThis.testing.say(base64), wav.toString("base64")),
    loudness: (seconds) => page.evaluate((seconds) => globalThis.testing.loudness(seconds), seconds),
  });
}
