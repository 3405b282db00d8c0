// Humans and telephones that visitors call into their conversation, and contacts who come by a link.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./support/accessibility.mjs";
import { freeTcp } from "./support/livekit.mjs";
import { startPatchbay } from "./support/patchbay.mjs";
import { startSite } from "./support/site.mjs";
import { environment, PUBLIC, startTwin } from "./support/twin.mjs";
import { launch, visit } from "./support/visitor.mjs";

const FRIEND = "+15005550030";
const THOMAS = "+15005550020";
const MARIA = "+15005550021";

const CONFIGURATION = `
[contacts.thomas]
name = "Thomas"
phones = ["${THOMAS}"]

[contacts.maria]
name = "Maria"
link = "${MARIA}"
order = 1
`;

let browser;
let patchbay;
let twin;
let site;

before(async () => {
  // One by one: what has begun is ended, even if the next one fails.
  browser = await launch();
  site = await startSite();
  const [port, own] = [await freeTcp(), await freeTcp()];
  patchbay = await startPatchbay({ configuration: CONFIGURATION, environment: environment(port), port: own });
  twin = await startTwin(port, patchbay.url, { [FRIEND]: "human", [THOMAS]: "silent" });
});

after(async () => {
  await browser?.close();
  await patchbay?.stop();
  await Promise.all([twin?.stop(), site?.stop()]);
});

test("a telephone is added by keyboard alone, seen while it rings, and seen to leave", async () => {
  const ann = await live();

  await ann.getByRole("button", { name: "Add a phone" }).press("Enter");
  await ann.keyboard.type(FRIEND);
  await ann.keyboard.press("Tab");
  await ann.keyboard.type("Bob");
  assert.deepEqual(await violations(ann), []);
  await ann.keyboard.press("Enter");
  await ann.getByText("+15 005 550 030").waitFor();
  await ann.keyboard.press("Enter");

  await inRoom(ann, /Bob.*being called|Bob.*by phone/);
  await inRoom(ann, /Bob.*by phone/);
  twin.type("hangup");
  await ann.locator(".roster li").filter({ hasText: "Bob" }).waitFor({ state: "detached" });
  await leave(ann);
});

test("what is no number is said in the dialogue, and Escape closes nothing but it", async () => {
  const ann = await live();

  await ann.getByRole("button", { name: "Add a phone" }).click();
  await ann.keyboard.type("12");
  await ann.keyboard.press("Enter");
  await ann.getByRole("dialog").getByText("not accepted as a phone number").waitFor();
  await ann.keyboard.press("Escape");

  await ann.getByRole("dialog").waitFor({ state: "hidden" });
  await ann.getByRole("button", { name: "End", exact: true }).waitFor();
  await leave(ann);
});

test("a human is called in while the visitor stays, and where it stands is told live", async () => {
  const ann = await live();

  await ann.getByRole("button", { name: "Speak with a human" }).click();
  await ann.getByRole("radio", { name: /Stay here/ }).waitFor();
  await ann.keyboard.press("Enter");
  await standing(ann, "Thomas is there and hears what it is about");
  twin.type("press 1");

  await standing(ann, "Connected with Thomas");
  await inRoom(ann, /Thomas.*called in, by phone/);
  assert.ok(await ann.getByRole("button", { name: "Speak with a human" }).isDisabled());
  assert.deepEqual(await violations(ann), []);
  twin.type("hangup");
  await leave(ann);
});

test("a contact reads the briefing in a browser, and comes without a microphone before that", async () => {
  const ann = await live();
  twin.type(`phone ${THOMAS} busy`);

  await ann.getByRole("button", { name: "Speak with a human" }).click();
  await ann.keyboard.press("Enter");
  const [, path] = await twin.says(new RegExp(`${PUBLIC}(/join/[0-9a-f]{32})`));
  const maria = await visit(browser, patchbay.url + path);
  await maria.getByRole("heading", { name: /would like to speak with you/ }).waitFor();
  assert.equal(await maria.evaluate(() => globalThis.testing.microphones), 0);
  assert.deepEqual(await violations(maria), []);
  await maria.getByRole("button", { name: "Accept" }).click();

  await standing(ann, "Connected with Maria");
  await inRoom(ann, /Maria.*called in, in a browser/);
  await maria.getByRole("button", { name: "End", exact: true }).click();
  await maria.getByText("The conversation is over for you").waitFor();
  const again = await visit(browser, patchbay.url + path);
  await again.getByText("This invitation was used").waitFor();
  twin.type(`phone ${THOMAS} silent`);
  await leave(ann);
});

test("on somebody's site the widget does the same by keyboard, with the proof of its own visit", async () => {
  const livekit = await (await fetch(`${patchbay.url}/visit`, { method: "POST", headers: json, body: "{}" })).json();
  site.shows({ patchbay: patchbay.url, livekit: livekit.livekitUrl, attributes: "" });
  const ann = await visit(browser, site.url);
  await ann.getByRole("button", { name: "Talk to us" }).press("Enter");
  await ann.evaluate(() => document.querySelector("patchbay-widget").start({ microphone: false }));

  await ann.getByRole("button", { name: "Add a phone" }).press("Enter");
  await ann.keyboard.type(FRIEND);
  await ann.keyboard.press("Enter");
  await ann.keyboard.press("Enter");
  await ann.locator(".strip li").filter({ hasText: "by phone" }).waitFor();

  assert.deepEqual((await violations(ann)).filter((one) => one.includes("patchbay-widget")), []);
  twin.type("hangup");
  await ann.context().close();
});

const json = { "content-type": "application/json", origin: "http://localhost" };

async function live() {
  const ann = await visit(browser, patchbay.url);
  await ann.getByRole("button", { name: "Talk", exact: true }).click();
  await ann.getByRole("button", { name: "Speak with a human" }).waitFor();
  await inRoom(ann, /agent/);
  return ann;
}

const inRoom = (page, text) => page.locator(".roster li").filter({ hasText: text }).waitFor();

const standing = (page, text) => page.locator(".standing").filter({ hasText: text }).waitFor();

async function leave(page) {
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("button", { name: "Talk", exact: true }).waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
}
