import assert from "node:assert/strict";
import { test } from "node:test";

import { partsOf } from "../../client/web/js/stopwatch.js";

const MARKS = {
  speech_end: 0,
  paused: 65,
  asr_final: 100,
  endpoint: 465,
  model_chosen: 101,
  llm_request: 102,
  llm_first_token: 250,
  first_clause: 300,
  tts_request: 301,
  first_audio: 350,
  sent: 466,
};

const PAGE = { spoken: 1000, sent: 1020, received: 1500, rendered: 1510, heard: 1540 };

const table = (parts) => Object.fromEntries(parts.map(({ name, ms }) => [name, ms]));
const total = (parts) => parts.reduce((sum, { ms }) => sum + ms, 0);

test("every millisecond between the last word and the first sound is in one part", () => {
  const parts = partsOf(MARKS, PAGE, 8);
  assert.deepEqual(table(parts), {
    microphone: 20,
    upload: 4,
    pause: 65,
    asr: 35,
    choose: 1,
    ask: 1,
    llm: 148,
    clause: 50,
    queue: 1,
    tts: 49,
    floor: 115,
    send: 1,
    download: 4,
    unexplained: 6,
    buffer: 10,
    output: 30,
  });
  assert.equal(total(parts), 540);
  parts.reduce((from, part) => (assert.equal(part.from, from), from + part.ms), 0);
});

test("a floor that was given before there was anything to say costs nothing", () => {
  const { floor, send } = table(partsOf({ ...MARKS, endpoint: 200 }, PAGE, 8));
  assert.deepEqual([floor, send], [0, 116]);
});

test("a stage that did not take place takes no time, and none is lost", () => {
  const { endpoint, asr_final, ...typed } = MARKS;
  const parts = partsOf(typed, PAGE, 8);
  assert.equal(table(parts).asr, undefined);
  assert.equal(total(parts), 540);
});

for (const [story, page, trip] of [
  ["a round trip that was slower than this one", PAGE, 300],
  ["clocks that disagree", { ...PAGE, received: 1400 }, 8],
  ["sound that seems to be rendered before it came", { ...PAGE, rendered: 1495 }, 8],
]) {
  test(`the parts add up in spite of ${story}`, () => {
    const parts = partsOf(MARKS, page, trip);
    assert.ok(Math.abs(total(parts) - 540) < 1e-9);
    assert.ok(parts.every(({ name, ms }) => ms >= 0 || name === "unexplained"));
  });
}

test("without a beginning or an end there is nothing to divide", () => {
  assert.deepEqual(partsOf(MARKS, { ...PAGE, spoken: null }, 8), []);
  assert.deepEqual(partsOf(MARKS, { ...PAGE, heard: null }, 8), []);
});
