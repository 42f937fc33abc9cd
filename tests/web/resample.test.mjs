import assert from "node:assert/strict";
import { test } from "node:test";

import { Resampler } from "../../client/web/js/resample.js";

const tone = (hz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, n) => Math.sin((2 * Math.PI * hz * n) / rate));

/** All that comes out when the sound comes in blocks of so many samples. */
function resampled(samples, from, to, block = 128) {
  const resampler = new Resampler(from, to);
  const out = [];
  for (let at = 0; at < samples.length; at += block) {
    out.push(...resampler.push(samples.subarray(at, at + block)));
  }
  out.push(...resampler.push(new Float32Array(resampler.delay)));
  return Float32Array.from(out);
}

const decibels = (samples) => 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length + 1e-20);

for (const [from, to] of [
  [44100, 24000],
  [48000, 24000],
  [24000, 44100],
  [24000, 48000],
  [16000, 24000],
  [96000, 24000],
]) {
  test(`${from} to ${to}: a tone stays what it was, in time and height`, () => {
    const out = resampled(tone(1000, from, 0.5), from, to);
    assert.ok(Math.abs(out.length - to / 2) <= 2, `${out.length} samples`);
    const [expected, edge] = [tone(1000, to, 0.5), to / 50];
    const error = out.slice(edge, -edge).map((x, n) => x - expected[n + edge]);
    assert.ok(decibels(error) < -60, `${decibels(error)} dB`);
  });
}

test("what the slower rate cannot carry is not folded back into it", () => {
  assert.ok(decibels(resampled(tone(14_000, 48_000, 0.3), 48_000, 24_000).slice(600, -600)) < -65);
  assert.ok(decibels(resampled(tone(9_000, 48_000, 0.3), 48_000, 24_000).slice(600, -600)) > -3.3);
});

test("blocks of any size make the same sound", () => {
  const sound = tone(440, 44_100, 0.1);
  const whole = resampled(sound, 44_100, 24_000, sound.length);
  for (const block of [1, 128, 441, 1000]) {
    assert.deepEqual(resampled(sound, 44_100, 24_000, block), whole);
  }
});

test("equal rates cost only the delay", () => {
  const sound = tone(440, 24_000, 0.1);
  const out = resampled(sound, 24_000, 24_000);
  assert.equal(out.length, sound.length);
});

test("after a reset nothing is left of what went before", () => {
  const resampler = new Resampler(24_000, 48_000);
  resampler.push(new Float32Array(500).fill(1));
  resampler.reset();
  assert.ok(resampler.push(new Float32Array(100)).every((x) => x === 0));
});
