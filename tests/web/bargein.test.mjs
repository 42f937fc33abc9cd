import assert from "node:assert/strict";
import { test } from "node:test";

import { BargeIn } from "../../client/web/js/bargein.js";

test("a voice makes an answer step back, and nothing else", () => {
  const bargeIn = new BargeIn();
  assert.equal(bargeIn.voice(false), false);
  assert.equal(bargeIn.voice(true), true);
});

test("a voice the server hears too is no cough", () => {
  const bargeIn = new BargeIn();
  bargeIn.voice(true);
  bargeIn.confirm();
  assert.equal(bargeIn.cough(), false);
});

test("after a cough the answer comes forward, once", () => {
  const bargeIn = new BargeIn();
  bargeIn.voice(true);
  assert.equal(bargeIn.cough(), true);
  assert.equal(bargeIn.cough(), false);
});

test("after three coughs in an answer no more notice is taken, until the next answer or a real voice", () => {
  for (const end of ["begin", "confirm"]) {
    const bargeIn = new BargeIn();
    const coughed = () => bargeIn.voice(true) && bargeIn.cough();
    assert.deepEqual([coughed(), coughed(), coughed(), coughed()], [true, true, true, false]);
    bargeIn[end]();
    assert.equal(coughed(), true);
  }
});
