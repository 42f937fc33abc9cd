import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { Dialogue } from "../../client/web/js/dialogue.js";
import { RATE } from "../../client/web/js/pcm.js";
import { Playout } from "../../client/web/js/playout.js";
import { Resampler } from "../../client/web/js/resample.js";
import { Turns } from "../../client/web/js/turns.js";
import { Uplink } from "../../client/web/js/uplink.js";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** Megabytes that are still in use. */
const used = () => {
  collect();
  collect(); // what buffers are freed of is known to the second one
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
};

const CARD = 44_100;
const BLOCK = 128;

test("three minutes of the microphone lose no sample, and no time", () => {
  const [resampler, block] = [new Resampler(CARD, RATE), new Float32Array(BLOCK).fill(0.1)];
  const blocks = Math.floor((180 * CARD) / BLOCK);
  let samples = 0;
  for (let n = 0; n < blocks; n++) samples += resampler.push(block).length;
  assert.ok(Math.abs(samples - (blocks * BLOCK * RATE) / CARD) <= resampler.delay);
});

test("three minutes of answers, delivered as a server does, are played without a gap and to the last sample", () => {
  const [playout, out] = [new Playout(CARD), new Float32Array(BLOCK)];
  const news = [];
  const render = () => news.push(...playout.render(out));
  for (let answer = 0; answer < 30; answer++) {
    const item = `item_${answer}`;
    for (let piece = 0; piece < 60; piece++) playout.add(item, new Int16Array(RATE / 10).fill(1000)); // 6 s at once
    playout.finish(item);
    for (let rendered = 0; rendered < 6.3 * CARD; rendered += BLOCK) render();
  }
  assert.equal(playout.waiting, 0);
  assert.deepEqual(
    ["began", "ended", "gap"].map((kind) => news.filter((one) => one.kind === kind).length),
    [30, 30, 0],
  );
});

test("an hour of talk leaves nothing behind but what was said", () => {
  const [uplink, dialogue] = [new Uplink(), new Dialogue()];
  const turns = new Turns((position) => uplink.when(position), () => 2);
  const hear = (seconds, from) => {
    for (let n = 0; n < seconds * 50; n++) {
      uplink.add({ pcm: new Int16Array(RATE / 50), ended: from * 1000 + 20 * n });
      while (uplink.next(from * 1000 + 20 * n));
    }
  };
  const answer = (n) => {
    const [id, item] = [`resp_${n}`, { id: `item_${n}`, type: "message", role: "assistant", content: [], status: "in_progress" }];
    const events = [
      { type: "response.created", response: { id } },
      { type: "response.output_item.added", response_id: id, item },
      { type: "conversation.item.added", item, previous_item_id: null },
      ...Array.from({ length: 60 }, () => ({ type: "response.output_audio.delta", response_id: id, item_id: item.id })),
      { type: "response.output_audio_transcript.delta", item_id: item.id, delta: "It is, I believe." },
      { type: "response.done", response: { id, status: "completed", output: [], antiphon: { marks_ms: { sent: 500 } } } },
    ];
    for (const event of events) [dialogue.take(event), turns.take(event, n)];
  };
  const minutes = (from, to) => {
    for (let minute = from; minute < to; minute++) {
      for (let n = 0; n < 6; n++) [hear(10, 60 * minute + 10 * n), answer(6 * minute + n)];
    }
  };
  minutes(0, 10);
  const before = used();
  minutes(10, 60);
  const more = used() - before;
  assert.ok(more < 5, `${more.toFixed(1)} MB more`); // the sound of these fifty minutes is 144 MB
});
