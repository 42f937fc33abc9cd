import assert from "node:assert/strict";
import { test } from "node:test";

import { BEFORE, Progress, after, failed, stateOf } from "../../client/web/js/state.js";

const STORIES = {
  "a call before it begins": [[], "idle"],
  "a call that seeks its server": [["start"], "connecting"],
  "nobody says anything": [["start", "open"], "listening"],
  "the user speaks": [["start", "open", "speech"], "hearing"],
  "the user has finished": [["start", "open", "speech", "asked"], "thinking"],
  "it was a cough": [["start", "open", "speech", "asked", "nothing-said"], "listening"],
  "an answer is made": [["start", "open", "asked", "response"], "thinking"],
  "an answer is heard": [["start", "open", "asked", "response", "sound"], "speaking"],
  "an answer is heard after it was made": [["start", "open", "response", "sound", "response-over"], "speaking"],
  "an answer was heard": [["start", "open", "response", "sound", "response-over", "silence"], "listening"],
  "an answer is about to be heard": [["start", "open", "response", "sound-coming", "response-over"], "thinking"],
  "an answer without sound": [["start", "open", "response", "response-over"], "listening"],
  "the answer has a long pause": [["start", "open", "response", "sound", "silence"], "thinking"],
  "the user interrupts": [["start", "open", "response", "sound", "cut", "speech"], "interrupted"],
  "another answer comes at once": [["start", "open", "sound", "cut", "asked", "response", "sound"], "speaking"],
  "the user goes on after that": [["start", "open", "response", "sound", "cut", "speech", "cut-over"], "hearing"],
  "a button interrupts": [["start", "open", "response", "sound", "cut", "response-over", "cut-over"], "listening"],
  "the user speaks over an answer that goes on": [["start", "open", "response", "sound", "speech"], "hearing"],
  "the line breaks": [["start", "open", "speech", "lost"], "reconnecting"],
  "the line is back while the user speaks": [["start", "open", "speech", "lost", "open"], "hearing"],
  "the server is back, but knows nothing": [["start", "open", "response", "lost", "forgotten", "open"], "listening"],
  "the line is back while an answer is heard": [["start", "open", "sound", "lost", "open"], "speaking"],
  "the call was ended": [["start", "open", "response", "sound", "stop"], "idle"],
  "a call after another": [["start", "open", "response", "stop", "start", "open"], "listening"],
};

for (const [story, [happenings, state]] of Object.entries(STORIES)) {
  test(`${story}: ${state}`, () => {
    assert.deepEqual(stateOf(happenings.reduce(after, BEFORE)), { state });
  });
}

for (const [story, happenings, state, typing] of [
  ["a call for typing only", ["start-typing"], "connecting", true],
  ["an answer to what was typed", ["start-typing", "open", "asked"], "thinking", true],
  ["a microphone is found later", ["start-typing", "open", "found"], "listening", false],
  ["the microphone is unplugged while the user speaks", ["start", "open", "speech", "gone"], "listening", true],
  ["the line breaks while the user types", ["start-typing", "open", "lost", "open"], "listening", true],
  ["a call after one for typing", ["start-typing", "open", "stop", "start"], "connecting", false],
  ["a microphone is found after the call", ["start-typing", "stop", "found"], "idle", false],
]) {
  test(`${story}: ${state}, ${typing ? "typing only" : "with a microphone"}`, () => {
    assert.deepEqual(stateOf(happenings.reduce(after, BEFORE)), typing ? { state, typing } : { state });
  });
}

test("each change is told once", () => {
  const told = [];
  const progress = new Progress((state) => told.push(state));
  ["start-typing", "open", "response-over", "found"].forEach((happening) => progress.happen(happening));
  progress.fail("server-gone");
  progress.fail("server-gone");
  assert.deepEqual(told, [
    { state: "connecting", typing: true },
    { state: "listening", typing: true },
    { state: "listening" },
    { state: "failed", reason: "server-gone" },
  ]);
});

test("a failure has a reason, until the next attempt", () => {
  assert.deepEqual(stateOf(failed("bad-key")), { state: "failed", reason: "bad-key" });
  assert.deepEqual(stateOf(after(failed("bad-key"), "start")), { state: "connecting" });
});
