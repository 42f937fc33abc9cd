import assert from "node:assert/strict";
import { test } from "node:test";

import { Detector } from "../../client/web/js/detector.js";

const RATE = 24_000;

/** Noise of this loudness, dBFS, the same in every run. */
function noise(decibels, seconds) {
  let seed = 1;
  const height = 10 ** (decibels / 20) * Math.sqrt(3);
  return Float32Array.from({ length: seconds * RATE }, () => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return height * (seed / 2 ** 30 - 1);
  });
}

/** A hum with overtones, like a vowel. */
const vowel = (height, seconds) =>
  Float32Array.from({ length: seconds * RATE }, (_, n) => {
    const t = (2 * Math.PI * n) / RATE;
    return height * (0.5 * Math.sin(200 * t) + 0.3 * Math.sin(600 * t) + 0.3 * Math.sin(1800 * t));
  });

/** Milliseconds after which the detector says so; Infinity where it never does. */
function until(voiced, detector, samples) {
  for (let at = 0; at < samples.length; at += 24) {
    detector.push(samples.subarray(at, at + 24));
    if (detector.voiced === voiced) {
      return (at + 24) / 24;
    }
  }
  return Infinity;
}

test("a voice is noticed within 40 to 80 ms, in a quiet room and in a noisy one", () => {
  for (const room of [-90, -60, -45]) {
    const detector = new Detector(RATE);
    assert.equal(until(true, detector, noise(room, 10)), Infinity, `a room of ${room} dB`);
    const late = until(true, detector, vowel(0.2, 0.5));
    assert.ok(late >= 40 && late <= 80, `${late} ms in a room of ${room} dB`);
  }
});

test("its end is noticed after 200 ms of quiet, so that words are not torn", () => {
  const detector = new Detector(RATE);
  detector.push(noise(-80, 1));
  detector.push(vowel(0.2, 0.5));
  const late = until(false, detector, noise(-80, 1));
  assert.ok(late >= 190 && late <= 260, `${late} ms`);
});

test("a click is no voice", () => {
  const detector = new Detector(RATE);
  detector.push(noise(-70, 1));
  detector.push(vowel(0.9, 0.02));
  assert.equal(until(true, detector, noise(-70, 0.5)), Infinity);
});

test("a fan that is switched on becomes the background within ten seconds", () => {
  const detector = new Detector(RATE);
  detector.push(noise(-70, 1));
  detector.push(noise(-40, 30));
  assert.equal(detector.voiced, false);
});
