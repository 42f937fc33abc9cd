import assert from "node:assert/strict";
import { test } from "node:test";

import { SoundClock } from "../../client/web/js/soundclock.js";

test("the message that was quickest tells how the clocks lie", () => {
  const clock = new SoundClock();
  assert.ok(Number.isNaN(clock.page(1)));
  for (const [sound, late] of [
    [1, 9],
    [1.02, 2],
    [1.04, 30],
  ]) {
    clock.observe(sound, 5000 + sound * 1000 + late);
  }
  assert.equal(clock.page(1.5), 6502);
});

test("clocks that drift apart are followed", () => {
  const clock = new SoundClock();
  for (let sound = 0; sound < 60; sound += 0.02) {
    clock.observe(sound, sound * 1000 * 1.0001);
  }
  assert.ok(Math.abs(clock.page(60) - 60_006) < 0.5);
});

test("after a standstill the past says nothing", () => {
  const clock = new SoundClock();
  clock.observe(1, 1000);
  clock.reset();
  clock.observe(1.1, 9100);
  assert.equal(clock.page(2), 10_000);
});
