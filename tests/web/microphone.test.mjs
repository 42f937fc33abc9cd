import assert from "node:assert/strict";
import { test } from "node:test";

import { constraintsOf, isBetter, reasonOf } from "../../client/web/js/microphone.js";

const device = (deviceId, groupId = deviceId) => ({ deviceId, groupId });

const CASES = [
  ["nothing is used and there is one", [device("a")], null, "", true],
  ["nothing is used and there is none", [], null, "", false],
  [
    "the one that is used is the system's choice",
    [device("default", "a"), device("a")],
    device("default", "a"),
    "",
    false,
  ],
  ["the system chooses another", [device("default", "b"), device("a")], device("default", "a"), "", true],
  ["the wanted one has come back", [device("a"), device("b")], device("a"), "b", true],
  ["the wanted one is still away", [device("a")], device("a"), "b", false],
  ["the wanted one is used", [device("default", "b"), device("a")], device("a"), "a", false],
  ["the browser hides which is which", [device("", "")], device("", ""), "", false],
];

for (const [story, devices, current, wanted, expected] of CASES) {
  test(`${story}: ${expected ? "change" : "stay"}`, () => {
    assert.equal(isBetter(devices, current, wanted), expected);
  });
}

test("what the browser filters is on unless it is not wanted", () => {
  const { echoCancellation, noiseSuppression, autoGainControl } = constraintsOf({ noiseSuppression: false });
  assert.deepEqual([echoCancellation, noiseSuppression, autoGainControl], [true, false, true]);
});

test("the browser's errors have reasons", () => {
  assert.equal(reasonOf(new DOMException("", "NotAllowedError")), "permission-denied");
  assert.equal(reasonOf(new DOMException("", "NotFoundError")), "no-microphone");
  assert.equal(reasonOf("?"), "no-audio");
});
