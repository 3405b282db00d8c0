// Visitors of the page, with a voice and a keyboard, and the agent of dev mode.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { violations } from "./support/accessibility.mjs";
import { transcribed } from "./support/ear.mjs";
import { startPatchbay } from "./support/patchbay.mjs";
import { launch, visit } from "./support/visitor.mjs";
import { spoken } from "./support/voice.mjs";

const QUESTION = "When are you open?";
const ANSWER = /Tuesday to Friday/;

let browser;
let patchbay;

before(async () => {
  // One by one: what has begun is ended, even if the next one fails.
  browser = await launch();
  patchbay = await startPatchbay();
});

after(async () => {
  await browser?.close();
  await patchbay?.stop();
});

test("a spoken question is written down, answered aloud, and measured", async () => {
  const ann = await visit(browser, patchbay.url);
  await talk(ann);
  await line(ann, "agent", /How can I help/);
  await state(ann, "Listening");

  await asks(ann, QUESTION, ANSWER);
  await line(ann, "own", /open/i);
  await state(ann, "Listening");

  const heard = await transcribed(Buffer.from(await ann.evaluate(() => globalThis.testing.recording()), "base64"));
  assert.match(heard, /tuesday|friday|saturday|closed/);
  const total = await ann.locator(".total b").textContent();
  const parts = await ann.locator(".timing dd").allTextContents();
  const sum = parts.reduce((all, part) => all + number(part), 0);
  assert.equal(sum, number(total), `${parts} add up to ${total}`);
  await leave(ann);
});

test("talking over the agent stops it", async () => {
  const ann = await visit(browser, patchbay.url);
  await talk(ann);
  await state(ann, "Speaking");

  // The greeting was cut off: its caption holds less than the agent meant to say, or the next one answers.
  await asks(ann, "Excuse me, how much is a haircut?", /twenty eight pounds/);
  await leave(ann);
});

test("a typed question is answered without a microphone", async () => {
  const ann = await visit(browser, patchbay.url);

  await ann.getByRole("textbox", { name: "Write a message" }).fill("Where are you?");
  await ann.keyboard.press("Enter");

  await line(ann, "own", /Where are you/);
  await line(ann, "agent", /Harbour Street, next to/);
  assert.equal(await ann.evaluate(() => globalThis.testing.microphones), 0);
  await leave(ann);
});

test("the agent goes and comes back when it is switched", async () => {
  const ann = await visit(browser, patchbay.url);
  await talk(ann);
  await inRoom(ann, 2);
  const agent = ann.getByRole("switch", { name: "Agent takes part" });

  await agent.click();
  await state(ann, "The agent is off");
  await inRoom(ann, 1);
  await agent.click();
  await inRoom(ann, 2);
  await state(ann, /Listening|Speaking/);

  await leave(ann);
});

test("a refused microphone says what to do and leaves the keyboard", async () => {
  const ann = await visit(browser, patchbay.url, { microphone: false });

  await ann.getByRole("button", { name: "Talk", exact: true }).click();
  await ann.getByRole("alert").getByText("The microphone is blocked. Allow it").waitFor();
  await ann.getByRole("textbox", { name: "Write a message" }).fill(QUESTION);
  await ann.keyboard.press("Enter");

  await line(ann, "agent", ANSWER);
  assert.deepEqual(await violations(ann), []);
  await leave(ann);
});

test("a network that lets no sound through is told, with what to do", async () => {
  const ann = await visit(browser, patchbay.url, {
    inside: () => {
      // Without a relay there is no way then.
      globalThis.RTCPeerConnection = class extends RTCPeerConnection {
        constructor(settings) {
          super({ ...settings, iceServers: [], iceTransportPolicy: "relay" });
        }
        setConfiguration(settings) {
          super.setConfiguration({ ...settings, iceServers: [], iceTransportPolicy: "relay" });
        }
      };
    },
  });
  await talk(ann);
  await ann.getByRole("alert").filter({ hasText: "audio does not get through" }).waitFor({ timeout: 90_000 });
  await ann.getByRole("button", { name: "Talk", exact: true }).waitFor();
  await ann.context().close();
});

test("two visitors and the agent are in one room and see each other's words", async () => {
  const room = `${patchbay.url}/?room=two`;
  const [ann, bob] = await Promise.all([visit(browser, room), visit(browser, room)]);
  await talk(ann);
  await inRoom(ann, 2);
  await talk(bob);
  await Promise.all([inRoom(ann, 3), inRoom(bob, 3)]);

  await bob.getByRole("textbox", { name: "Write a message" }).fill("Good evening to both of you");
  await bob.keyboard.press("Enter");

  await line(ann, "other", /Good evening/);
  await leave(bob);
  await inRoom(ann, 2);
  // The first of them had to ask whether the room was there.
  ann.problems.length = 0;
  await leave(ann);
});

test("the conversation comes back when the LiveKit server was gone", async () => {
  const own = await startPatchbay();
  try {
    const ann = await visit(browser, own.url);
    await talk(ann);
    await inRoom(ann, 2);

    // On a fast machine it is said for a moment only.
    await ann.evaluate(() => {
      const doing = document.querySelector(".doing");
      globalThis.states = [];
      const note = () => globalThis.states.push(doing.textContent);
      new MutationObserver(note).observe(doing, { childList: true, characterData: true, subtree: true });
    });
    await own.killLiveKit();
    await ann.waitForFunction(() => globalThis.states.some((state) => state.includes("Reconnecting")), null, {
      timeout: 60_000,
    });
    await state(ann, /Listening|Speaking/, 60_000);
    await inRoom(ann, 2);

    // The visitor may be back before the agent is, which then has not read the first one: people ask again.
    const answer = ann.locator(".line.agent").filter({ hasText: ANSWER }).first();
    for (let asked = 0; asked < 4 && !(await answer.isVisible()); asked++) {
      await ann.getByRole("textbox", { name: "Write a message" }).fill(QUESTION);
      await ann.keyboard.press("Enter");
      await answer.waitFor({ timeout: 8_000 }).catch(() => {});
    }
    assert.ok(await answer.isVisible(), "the question is answered in the end");
    await ann.getByRole("button", { name: "End", exact: true }).click();
    await ann.context().close();
  } finally {
    await own.stop();
  }
});

test("a server that is gone is told, and trying again helps once it is back", async () => {
  const ann = await visit(browser, patchbay.url);
  await ann.route("**/room/create", (route) => route.abort());
  await ann.getByRole("button", { name: "Talk", exact: true }).click();
  await ann.getByRole("alert").getByText("The server does not answer").waitFor();
  await ann.unroute("**/room/create");

  await ann.getByRole("button", { name: "Try again" }).click();

  await line(ann, "agent", /How can I help/);
  ann.problems.length = 0;
  await leave(ann);
});

test("a whole conversation is held by keyboard alone", async () => {
  const ann = await visit(browser, patchbay.url);
  const press = async (...keys) => {
    for (const key of keys) await ann.keyboard.press(key);
  };
  const focused = () => ann.evaluate(() => document.activeElement?.textContent || document.activeElement?.ariaLabel);

  await tabTo(ann, "Talk");
  await press("Enter");
  await line(ann, "agent", /How can I help/);
  await tabTo(ann, "Write a message");
  await ann.keyboard.type(QUESTION);
  await press("Enter");
  await line(ann, "agent", ANSWER);
  await tabTo(ann, "Mute", "Shift+Tab");
  await press("Space");
  await ann.getByRole("button", { name: "Unmute" }).waitFor();
  await tabTo(ann, "Devices");
  await press("Enter");
  await ann.getByRole("combobox", { name: "Microphone" }).waitFor();
  await press("Escape");
  assert.equal(await focused(), "Devices");
  await tabTo(ann, "End", "Shift+Tab");
  await press("Enter");

  await state(ann, "Ready");
  assert.deepEqual(ann.problems, []);
  await ann.context().close();
});

test("the page speaks French, and is accessible in light and dark, on a desk and on a phone", async () => {
  for (const options of [
    { colorScheme: "light" },
    { colorScheme: "dark", locale: "fr-FR" },
    { colorScheme: "light", viewport: { width: 390, height: 844 }, locale: "fr-FR" },
  ]) {
    const ann = await visit(browser, patchbay.url, options);
    const french = options.locale === "fr-FR";

    const name = french ? "Parler" : "Talk";
    await ann.getByRole("button", { name, exact: true }).waitFor();
    assert.equal(await ann.locator("html").getAttribute("lang"), french ? "fr" : "en");
    assert.deepEqual(await violations(ann), [], JSON.stringify(options));
    await ann.getByRole("button", { name, exact: true }).click();
    await line(ann, "agent", /How can I help/);
    assert.deepEqual(await violations(ann), [], JSON.stringify(options));
    const wider = await ann.evaluate(() =>
      [...document.querySelectorAll("button, input, select, p, label")]
        .filter((one) => one.getBoundingClientRect().right > innerWidth)
        .map(({ textContent }) => textContent),
    );
    assert.deepEqual(wider, [], "nothing is wider than the screen");
    await ann.context().close();
  }
});

test("what this browser hears takes the place of the agent's transcriber, and only after consent", async () => {
  const ann = await visit(browser, patchbay.url, {
    inside: () => {
      globalThis.SpeechRecognition = class extends EventTarget {
        start(track) {
          this.track = track;
          globalThis.recognizer = this;
        }
        abort() {}
      };
    },
  });
  await ann.getByText("goes to the maker of this browser").waitFor();
  await talk(ann);
  await line(ann, "agent", /How can I help/);
  assert.equal(await ann.evaluate(() => globalThis.recognizer), undefined);

  await ann.getByRole("checkbox", { name: "Let this browser write down what I say" }).check();
  await ann.waitForFunction(() => globalThis.recognizer?.track?.readyState === "live");
  const hear = (transcript, isFinal) =>
    ann.evaluate(([transcript, isFinal]) => {
      const result = Object.assign([{ transcript }], { isFinal });
      const event = Object.assign(new Event("result"), { resultIndex: 0, results: [result] });
      globalThis.recognizer.dispatchEvent(event);
    }, [transcript, isFinal]);
  await hear("when are", false);
  await ann.locator(".line.own.interim").filter({ hasText: "when are" }).waitFor();
  await hear(QUESTION, true);

  await line(ann, "own", /When are you open/);
  await line(ann, "agent", ANSWER);
  assert.ok(await ann.getByRole("button", { name: "Mute", exact: true }).isVisible(), "others hear them all the same");
  await leave(ann);
});

const talk = (page) => page.getByRole("button", { name: "Talk", exact: true }).click();

const state = (page, name, timeout = 20_000) => page.locator(".doing").filter({ hasText: name }).waitFor({ timeout });

const line = (page, side, text, options) => page.locator(`.line.${side}:not(.interim)`).filter({ hasText: text }).first().waitFor(options);

/** Asks something, and again where it was not understood, as people do. */
async function asks(page, question, answer) {
  const sound = await spoken(question);
  for (let tries = 3; ; tries -= 1) {
    await page.say(sound);
    try {
      return await line(page, "agent", answer, { timeout: 15_000 });
    } catch (error) {
      if (tries === 1) throw error;
    }
  }
}

const inRoom = (page, count) => page.locator(`.roster:has(li:nth-child(${count})):not(:has(li:nth-child(${count + 1}))) .name`).first().waitFor();

const number = (text) => Number(text.replace(/\D/g, ""));

async function tabTo(page, name, key = "Tab") {
  for (let pressed = 0; pressed < 30; pressed++) {
    await page.keyboard.press(key);
    const at = await page.evaluate(() => {
      const { textContent, ariaLabel } = document.activeElement ?? {};
      return ariaLabel || textContent?.trim();
    });
    if (at === name) return;
  }
  assert.fail(`${name} is not reached by ${key}`);
}

async function leave(page) {
  await page.getByRole("button", { name: "End", exact: true }).click();
  await state(page, "Ready");
  assert.deepEqual(page.problems, []);
  await page.context().close();
}
