// Whom a browser listens to: whoever shares its circle.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";

const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { buildSync } = require("esbuild");
const source = new URL("../../web/src/talk/circles.ts", import.meta.url).pathname;
const built = buildSync({ entryPoints: [source], bundle: true, format: "esm", write: false });
const { isAgentOf, settle } = await import(
  `data:text/javascript;base64,${Buffer.from(built.outputFiles[0].contents).toString("base64")}`
);

function publication(kind = "audio") {
  const one = { kind, isDesired: false, asked: [] };
  one.setSubscribed = (on) => {
    one.isDesired = on;
    one.asked.push(on);
  };
  return one;
}

function somebody(circle, ...published) {
  const attributes = circle === undefined ? {} : { "patchbay.circle": circle };
  return { attributes, trackPublications: new Map(published.map((one, at) => [`TR_${at}`, one])) };
}

function room(circle, others) {
  return { localParticipant: somebody(circle), remoteParticipants: new Map(Object.entries(others)) };
}

test("those of one circle are listened to and nobody else", () => {
  const [near, far] = [publication(), publication()];

  settle(room(undefined, { ann: somebody("", near), bob: somebody("briefing", far) }));

  assert.deepEqual([near.isDesired, far.isDesired], [true, false]);
  assert.deepEqual(far.asked, [], "it was never asked for");
});

test("a move takes effect both ways, and what stays is not asked for again", () => {
  const [ann, bob, carl] = [publication(), publication(), publication()];
  const scene = room("briefing", {
    ann: somebody(undefined, ann),
    bob: somebody("briefing", bob),
    carl: somebody("briefing", carl),
  });
  settle(scene);

  scene.remoteParticipants.get("bob").attributes = {};
  settle(scene);
  assert.deepEqual([ann.asked, bob.asked, carl.asked], [[], [true, false], [true]]);
  scene.localParticipant.attributes = {};
  settle(scene);

  assert.deepEqual([ann.asked, bob.asked, carl.asked], [[true], [true, false, true], [true, false]]);
});

test("pictures are not asked for", () => {
  const picture = publication("video");

  settle(room(undefined, { ann: somebody(undefined, picture) }));

  assert.deepEqual(picture.asked, []);
});

test("music is no agent, and neither is one who briefs somebody else", () => {
  const program = (identity, circle) => ({ ...somebody(circle), identity, isAgent: true });
  const me = somebody(undefined);

  assert.equal(isAgentOf(me, program("agent-1")), true);
  assert.equal(isAgentOf(me, program("music-1")), false);
  assert.equal(isAgentOf(me, program("briefer-1", "briefing")), false);
  assert.equal(isAgentOf(somebody("briefing"), program("briefer-1", "briefing")), true);
  assert.equal(isAgentOf(me, { ...program("agent-1"), isAgent: false }), false);
});
