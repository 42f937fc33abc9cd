import assert from "node:assert/strict";
import { test } from "node:test";

import { LEAD, Playout } from "../../client/web/js/playout.js";

const QUANTUM = 128;

const pcm = (ms, height = 8000) => new Int16Array(ms * 24).fill(height);

/** What comes out in so many milliseconds, and the news with the time of each. */
function rendered(playout, ms, rate = 48_000) {
  const out = [];
  const news = [];
  for (let at = 0; at < (ms * rate) / 1000; at += QUANTUM) {
    const block = new Float32Array(QUANTUM);
    for (const one of playout.render(block)) {
      news.push({ ...one, ms: ((at + (one.offset ?? 0)) * 1000) / rate });
    }
    out.push(...block);
  }
  return { out, news };
}

const kinds = (news) => news.map(({ kind, item }) => (item ? `${kind} ${item}` : kind));
const sounding = (out) => out.filter((x) => Math.abs(x) > 0.001).length;
const steepest = (out) => Math.max(...out.slice(1).map((x, n) => Math.abs(x - out[n])));

for (const rate of [44_100, 48_000, 24_000]) {
  test(`at ${rate} Hz an answer lasts as long as it is`, () => {
    const playout = new Playout(rate);
    playout.add("a", pcm(500));
    playout.finish("a");
    const { out, news } = rendered(playout, 1000, rate);
    assert.ok(Math.abs(sounding(out) / rate - 0.5) < 0.003, `${sounding(out) / rate} s`);
    assert.deepEqual(kinds(news), ["began a", "ended a"]);
  });
}

test("it begins once there is enough to last, or all there is", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(LEAD * 1000 - 10));
  assert.equal(sounding(rendered(playout, 100).out), 0);
  playout.add("a", pcm(20));
  assert.ok(sounding(rendered(playout, 5).out) > 0);
  const brief = new Playout(48_000);
  brief.add("b", pcm(10));
  brief.finish("b");
  assert.ok(sounding(rendered(brief, 20).out) > 0);
});

test("pieces of an answer, and answers, follow each other without a seam", () => {
  const playout = new Playout(48_000);
  for (let n = 0; n < 7; n++) {
    playout.add("a", pcm(37));
  }
  playout.finish("a");
  playout.add("b", pcm(100));
  playout.finish("b");
  const { out, news } = rendered(playout, 300);
  const middle = out.slice(480, 480 + 48 * 330);
  assert.ok(middle.every((x) => Math.abs(x - 8000 / 32768) < 0.002));
  assert.deepEqual(kinds(news), ["began a", "ended a", "began b"]);
});

test("nothing clicks where sound begins, ends or starves", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(50, 16_000));
  const first = rendered(playout, 100);
  playout.add("a", pcm(200, 16_000));
  playout.finish("a");
  const second = rendered(playout, 300);
  assert.ok(steepest([...first.out, ...second.out]) < 0.02);
});

test("after a gap it waits for more, and after answers without one for less again", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(60));
  rendered(playout, 100);
  playout.add("a", pcm(100));
  const { news } = rendered(playout, 50);
  assert.deepEqual(kinds(news), ["gap a"]);
  assert.ok(playout.lead > LEAD);
  playout.finish("a");
  for (let n = 0; n < 20; n++) {
    playout.add(`${n}`, pcm(20));
    playout.finish(`${n}`);
    rendered(playout, 60);
  }
  assert.equal(playout.lead, LEAD);
});

test("an answer that ends late is no gap", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(60));
  rendered(playout, 200);
  playout.finish("a");
  assert.deepEqual(kinds(rendered(playout, 10).news), ["ended a"]);
  assert.equal(playout.lead, LEAD);
});

test("told to hush it is quiet within 5 ms and a quantum, without a click, and says what was heard", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(1000, 16_000));
  playout.finish("a");
  playout.add("b", pcm(1000));
  rendered(playout, 400);
  playout.hush();
  const { out, news } = rendered(playout, 20);
  assert.equal(news.length, 1);
  assert.ok(news[0].ms <= 5 + (2 * QUANTUM) / 48);
  assert.ok(sounding(out) / 48 <= 5.1);
  assert.ok(steepest(out) < 0.02);
  const [a, b] = news[0].cuts;
  assert.ok(Math.abs(a.seconds - 0.405) < 0.004, `${a.seconds}`);
  assert.deepEqual(b, { item: "b", seconds: 0 });
  playout.add("c", pcm(100));
  assert.ok(Math.max(...rendered(playout, 50).out) > 0.24, "the next answer is as loud as any");
});

test("an answer that comes while the one before is dying is played", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(1000));
  rendered(playout, 100);
  playout.hush();
  playout.add("b", pcm(100));
  playout.finish("b");
  const { news } = rendered(playout, 200);
  assert.deepEqual(kinds(news), ["hushed", "began b", "ended b"]);
  assert.deepEqual(
    news[0].cuts.map(({ item }) => item),
    ["a"],
  );
});

test("an answer that has been heard to its end cannot be cut any more", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(60));
  playout.finish("a");
  rendered(playout, 100);
  playout.hush();
  const { news } = rendered(playout, 10);
  assert.deepEqual(
    news.map(({ cuts }) => cuts),
    [[]],
  );
});

test("for another voice it steps back, and comes forward again, in straight lines", () => {
  const playout = new Playout(48_000);
  playout.add("a", pcm(2000));
  rendered(playout, 100);
  playout.duck(0.15);
  const ducked = rendered(playout, 100).out;
  assert.ok(Math.abs(ducked.at(-1) - (0.15 * 8000) / 32768) < 0.001);
  playout.duck(1);
  const back = rendered(playout, 200).out;
  assert.ok(Math.abs(back.at(-1) - 8000 / 32768) < 0.001);
  assert.ok(steepest([...ducked, ...back]) < 0.01);
});

test("a minute of waiting sound costs the audio thread little", () => {
  const playout = new Playout(48_000);
  for (let n = 0; n < 600; n++) {
    playout.add("a", pcm(100));
  }
  const began = performance.now();
  rendered(playout, 1000);
  assert.ok(performance.now() - began < 200, `${performance.now() - began} ms for a second`);
});

test("the memory of what has been played, or will not be, is given back", () => {
  const [playout, played, dropped] = [new Playout(48_000), new Int16Array(2400).fill(100), new Int16Array(24_000)];
  playout.add("a", played);
  playout.add("a", dropped);
  const out = new Float32Array(128);
  for (let n = 0; n < 60; n++) playout.render(out);
  assert.equal(played.length, 0);
  assert.equal(dropped.length, 24_000);
  playout.hush();
  for (let n = 0; n < 10; n++) playout.render(out);
  assert.equal(dropped.length, 0);
});
