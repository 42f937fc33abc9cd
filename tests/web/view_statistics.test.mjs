import assert from "node:assert/strict";
import { test } from "node:test";

import { spread } from "../../client/web/js/view/chart.js";
import { quantile, summary } from "../../client/web/js/view/statistics.js";
import { rows, scale, small } from "../../client/web/js/view/waterfall.js";

for (const [values, q, expected] of [
  [[7], 0.95, 7],
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[0, 100], 0.95, 95],
  [[2, 1], 0, 1],
  [[2, 1], 1, 2],
]) {
  test(`the ${q} quantile of ${values} is ${expected}`, () => assert.equal(quantile(values, q), expected));
}

test("turns that got nowhere do not count", () => {
  assert.deepEqual(summary([null, 500, 700, null]), { n: 2, p50: 600, p95: 690, within: 0.5 });
  assert.equal(summary([null]), null);
});

test("the deadline itself is in time", () => assert.equal(summary([600])?.within, 1));

test("a scale has room for the turn and for the deadline, and a handful of lines", () => {
  for (const total of [0, 300, 600, 1400, 9000, 120_000]) {
    const { marks, x } = scale(total);
    assert.ok(marks.length <= 6, `${marks}`);
    assert.ok(x(Math.max(600, total)) <= x(Infinity));
    assert.equal(x(-5), x(0));
  }
});

test("small steps are told together, and the unexplained always", () => {
  const parts = [
    ["upload", 1],
    ["asr", 40],
    ["choose", 2],
    ["unexplained", 0],
    ["output", 30],
  ].map(([name, ms]) => ({ name, from: 0, ms }));
  assert.deepEqual(
    rows(parts).map(({ name }) => name),
    ["asr", "unexplained", "output"],
  );
  assert.equal(small(parts), 3);
});

test("labels keep apart, and stay where there is room", () => {
  assert.deepEqual(spread([100, 50, 49, 48, 10], 11), [100, 50, 39, 28, 10]);
});
