import assert from "node:assert/strict";
import { test } from "node:test";

import { BEFORE, after, failed, stateOf } from "../../client/web/js/state.js";

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

test("a failure has a reason, until the next attempt", () => {
  assert.deepEqual(stateOf(failed("bad-key")), { state: "failed", reason: "bad-key" });
  assert.deepEqual(stateOf(after(failed("bad-key"), "start")), { state: "connecting" });
});
