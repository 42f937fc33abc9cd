import assert from "node:assert/strict";
import { test } from "node:test";

import { Gate } from "../../client/web/js/gate.js";

const piece = (n) => ({ pcm: new Int16Array(480), ended: n });
const passed = (pieces) => pieces.map(({ ended }) => ended);

test("hands free, all passes", () => {
  assert.deepEqual(passed(new Gate(true).pass(piece(1))), [1]);
});

test("with a button, what is said while it is held passes, and the 300 ms before", () => {
  const gate = new Gate(false);
  for (let n = 0; n < 100; n++) {
    assert.deepEqual(gate.pass(piece(n)), []);
  }
  gate.open = true;
  assert.deepEqual(
    passed(gate.pass(piece(100))),
    Array.from({ length: 16 }, (_, n) => 85 + n),
  );
  assert.deepEqual(passed(gate.pass(piece(101))), [101]);
  assert.equal(gate.passed, 2 * 480);
  gate.open = false;
  assert.deepEqual(gate.pass(piece(102)), []);
});
