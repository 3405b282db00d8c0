// The widget on somebody else's website.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { agentToken, startLiveKit } from "./support/livekit.mjs";
import { startPatchbay } from "./support/patchbay.mjs";
import { startSite } from "./support/site.mjs";
import { launch, visit } from "./support/visitor.mjs";
import { violations } from "./support/accessibility.mjs";

const KEY = "pk_of-the-shop-of-these-tests";
const LIMIT = 30;
const LIVEKIT_CLIENT = new URL("../../web/node_modules/livekit-client/dist/livekit-client.umd.js", import.meta.url);

let browser;
let livekit;
let patchbay;
let site;
let elsewhere;

before(async () => {
  // One by one: what has begun is ended, even if the next one fails.
  browser = await launch();
  site = await startSite();
  elsewhere = await startSite();
  livekit = await startLiveKit();
  const sha256 = createHash("sha256").update(KEY).digest("hex");
  patchbay = await startPatchbay({
    configuration:
      `[web]\nvisits_per_minute = ${LIMIT}\n` +
      `[[keys]]\nname = "shop"\nsha256 = "${sha256}"\norigins = ["${site.url}"]\n`,
    environment: { ...livekit.environment, PATCHBAY_API_KEY: "0123456789abcdef" },
  });
});

after(async () => {
  await browser?.close();
  await patchbay?.stop();
  await Promise.all([livekit?.stop(), site?.stop(), elsewhere?.stop()]);
});

test("a visitor talks on a page that is rude and strict", async () => {
  const ann = await open(site);
  const launch = ann.getByRole("button", { name: "Talk to us" });
  const box = await launch.boundingBox();
  assert.ok(box.height < 60 && box.x > 900 && box.y > 650, JSON.stringify(box));
  assert.equal(await launch.evaluate((button) => getComputedStyle(button).textTransform), "none");

  await launch.click();
  await ann.getByRole("button", { name: "Talk", exact: true }).click();
  await event(ann, "connected");
  await ann.getByText("How can I help").waitFor();
  await ann.getByRole("textbox", { name: "Write a message" }).fill("When are you open?");
  await ann.keyboard.press("Enter");
  await ann.locator(".line.agent:not(.interim)").filter({ hasText: "Tuesday to Friday" }).waitFor();

  const said = await events(ann, "transcript");
  assert.ok(said.some(({ side, how, text }) => side === "own" && how === "typed" && /open/.test(text)));
  assert.ok(said.some(({ side, final, text }) => side === "agent" && final && /Tuesday/.test(text)));
  assert.deepEqual((await violations(ann)).filter((one) => one.includes("patchbay-widget")), []);
  await ann.getByRole("button", { name: "End", exact: true }).click();
  await event(ann, "ended");
  assert.deepEqual(ann.problems, [], "the page's policy has stopped nothing");
  await ann.context().close();
});

test("keys are refused on other sites, when they are wrong, and when there is none", async () => {
  for (const [place, attributes, kind] of [
    [elsewhere, `publishable-key="${KEY}"`, "key-not-for-this-site"],
    [site, 'publishable-key="pk_guessed"', "key-unknown"],
    [site, "", "key-missing"],
    [site, `publishable-key="${KEY}" profile="nobody"`, "profile-unknown"],
  ]) {
    const ann = await open(place, attributes);

    await ann.evaluate(() => document.querySelector("patchbay-widget").start());

    assert.equal((await event(ann, "error")).kind, kind, attributes);
    await ann.context().close();
  }
});

test("the agent calls functions of the page, and nobody else does", async () => {
  const ann = await open(site);
  await ann.evaluate(() => {
    const widget = document.querySelector("patchbay-widget");
    widget.registerTool({ name: "showOffer", description: "Shows an offer", run: ({ item }) => ({ shown: item }) });
    widget.registerTool({ name: "breaks", description: "Breaks", run: () => { throw new Error("out of stock"); } });
    return widget.start({ microphone: false });
  });
  const { room } = await event(ann, "connected");
  const agent = await participant(agentToken(room, "agent-of-the-test"));

  const listed = await agent.call("patchbay.tools", "{}");
  const shown = await agent.call("showOffer", '{"item":"comb"}');
  const broken = await agent.call("breaks", "{}");
  const unusable = await agent.call("showOffer", "comb");

  const own = ["createConferenceCall", "initiatePhoneCall"];
  assert.deepEqual(JSON.parse(listed).map(({ name }) => name), ["showOffer", "breaks", ...own]);
  assert.equal(shown, '{"shown":"comb"}');
  assert.match(broken, /2000 out of stock/);
  assert.match(unusable, /2000 the arguments are no JSON object/);
  const uses = await events(ann, "tool");
  assert.deepEqual(uses.map(({ name, state }) => `${name} ${state}`), [
    "showOffer running",
    "showOffer done",
    "breaks running",
    "breaks failed",
  ]);
  await agent.page.close();
  await ann.context().close();
});

test("the example page offers its functions, and the agent shows a product by one of them", async () => {
  const example = await readFile(new URL("../../docs/examples/plain.html", import.meta.url), "utf8");
  site.serves(example.replaceAll("http://localhost:8080", patchbay.url).replace('publishable-key=""', `publishable-key="${KEY}"`));
  const ann = await visit(browser, site.url, { inside: remember });
  await ann.evaluate(() => document.querySelector("patchbay-widget").start({ microphone: false }));
  const { room } = await event(ann, "connected");
  const agent = await participant(agentToken(room, "agent-of-the-test"));

  const listed = await agent.call("patchbay.tools", "{}");
  await agent.call("showProduct", '{"product":"brush"}');

  assert.deepEqual(JSON.parse(listed).map(({ name }) => name), ["showProduct", "createConferenceCall", "initiatePhoneCall"]);
  await ann.locator("#brush.shown").waitFor();
  assert.deepEqual(ann.problems, []);
  await agent.page.close();
  await ann.context().close();
});

test("the example in React is what a bundler takes", async () => {
  const { transform } = createRequire(new URL("../../web/package.json", import.meta.url))("esbuild");
  const example = await readFile(new URL("../../docs/examples/react.jsx", import.meta.url), "utf8");

  const { code, warnings } = await transform(example, { loader: "jsx", jsx: "automatic" });

  assert.match(code, /patchbay-widget/);
  assert.deepEqual(warnings, []);
});

test("a thousand visits from one address are limited, and a live one is unharmed", async () => {
  const ann = await open(site);
  await ann.evaluate(() => document.querySelector("patchbay-widget").start({ microphone: false }));
  await event(ann, "connected");

  const began = Date.now();
  const statuses = { 201: 0, 429: 0 };
  let refused;
  for (let hundred = 0; hundred < 10; hundred++) {
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask(site.url)));
    for (const { status } of answers) statuses[status] += 1;
    refused ??= answers.find(({ status }) => status === 429);
  }

  // So many at once, and then as many as a minute brings back meanwhile.
  const most = LIMIT + Math.ceil(((Date.now() - began) / 60_000) * LIMIT);
  assert.ok(statuses[201] <= most, `${JSON.stringify(statuses)}, at most ${most}`);
  assert.equal(statuses[201] + statuses[429], 1000, JSON.stringify(statuses));
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  await ann.evaluate(() => document.querySelector("patchbay-widget").send("When are you open?"));
  await ann.evaluate(() => document.querySelector("patchbay-widget").open());
  await ann.getByText("Tuesday to Friday").waitFor();
  await ann.context().close();
});

async function open(place, attributes = `publishable-key="${KEY}"`) {
  place.shows({ patchbay: patchbay.url, livekit: livekit.url, attributes });
  return visit(browser, place.url, { inside: remember });
}

/** Runs in the page first. */
function remember() {
  globalThis.told = [];
  for (const name of ["connected", "transcript", "tool", "ended", "error"]) {
    addEventListener(`patchbay:${name}`, ({ detail }) => globalThis.told.push({ name, detail: { ...detail } }));
  }
}

const events = (page, name) =>
  page.evaluate((name) => globalThis.told.filter((one) => one.name === name).map(({ detail }) => detail), name);

async function event(page, name) {
  await page.waitForFunction((name) => globalThis.told.some((one) => one.name === name), name);
  return (await events(page, name))[0];
}

const ask = (origin) =>
  fetch(`${patchbay.url}/visit`, {
    method: "POST",
    headers: { origin, authorization: `Bearer ${KEY}`, "content-type": "application/json" },
    body: "{}",
  });

/** Plays a participant of the room; its calls go to the visitor. */
async function participant(token) {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  // LiveKit needs a page that counts as secure; any one does.
  await page.goto(site.url);
  await page.addScriptTag({ path: LIVEKIT_CLIENT.pathname });
  await page.evaluate(
    async ([url, token]) => {
      globalThis.room = new globalThis.LivekitClient.Room();
      await globalThis.room.connect(url, token);
    },
    [livekit.url, token],
  );
  const call = (method, payload) =>
    page.evaluate(
      ([method, payload]) => {
        const { localParticipant, remoteParticipants } = globalThis.room;
        const visitor = [...remoteParticipants.values()].find((one) => !one.isAgent);
        return localParticipant
          .performRpc({ destinationIdentity: visitor.identity, method, payload })
          .catch((error) => `${error.code} ${error.message || error.name}`);
      },
      [method, payload],
    );
  return { page: context, call };
}
