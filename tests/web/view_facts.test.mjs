import assert from "node:assert/strict";
import { test } from "node:test";

import { facts } from "../../client/web/js/view/facts.js";
import { Words } from "../../client/web/js/view/words.js";

const ALONE = {
  model: "brain",
  why: "",
  kind: "",
  time_left_ms: null,
  asked: ["brain"],
  failures: 0,
  wasted_tokens: 0,
  saved_ms: 0,
  cost_usd: 0,
};
const TURN = { engines: {}, choice: null, usage: null, status: "completed", why: null };

const told = (turn) =>
  Object.fromEntries(facts({ ...TURN, ...turn }, new Words("en")).map(({ name, value }) => [name, value]));

test("where there was no choice there is nothing to explain", () => {
  assert.deepEqual(told({}), {});
  assert.deepEqual(told({ choice: ALONE }), {});
});

test("a choice is explained, and what asking two came to is counted", () => {
  const choice = {
    ...ALONE,
    model: "quick",
    why: "best of those in time",
    kind: "fact",
    time_left_ms: 482.4,
    asked: ["large", "quick"],
    wasted_tokens: 12,
    saved_ms: 310,
    cost_usd: 0.00042,
  };
  assert.deepEqual(told({ choice }), {
    "Why this model": "best of those in time",
    "Kind of question": "fact",
    "Time left for it": "482 ms",
    Asked: "large → quick",
    "Won by asking again": "310 ms",
    "Thrown away": "12 tokens",
    Cost: "$0.00042",
  });
  assert.equal(told({ choice: { ...choice, failures: 1 } }).Asked, "large → quick; failed: 1");
});

test("larger sums are in cents", () => assert.equal(told({ choice: { ...ALONE, cost_usd: 1.234 } }).Cost, "$1.23"));

test("a failure's own words are told", () => {
  assert.equal(told({ status: "failed", why: "no model is left" }).Outcome, "Failed: no model is left");
  assert.equal(told({ status: "cancelled", why: "turn_detected" }).Outcome, "Interrupted");
});
