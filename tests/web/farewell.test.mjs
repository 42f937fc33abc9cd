import assert from "node:assert/strict";
import { test } from "node:test";

import { pause, verdict } from "../../client/web/js/farewell.js";

const ENDINGS = [
  [1006, "", null],
  [1001, "", null],
  [1008, "you do not read what you are sent", null],
  [1012, "", null],
  [1001, "session_expired", "session-expired"],
  [1000, "", "server-gone"],
  [3000, "invalid_request_error.invalid_api_key", "bad-key"],
  [3000, "invalid_request_error.origin_not_allowed", "wrong-origin"],
  [4000, "invalid_request_error.beta_api_shape_disabled", "not-understood"],
  [4001, "the conversation goes on over another connection", "elsewhere"],
];

for (const [code, reason, expected] of ENDINGS) {
  test(`closed with ${code} ${reason}: ${expected ?? "try again"}`, () => {
    assert.equal(verdict(code, reason), expected);
  });
}

test("pauses double up to eight seconds, and differ", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 9].map((n) => pause(n, 1)),
    [250, 500, 1000, 2000, 4000, 8000, 8000],
  );
  assert.equal(pause(2, 0), 500);
});
