import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ask } from "../../client/web/js/dashboard/feed.js";
import { count, dollars, percent, reach, span, tally } from "../../client/web/js/dashboard/figures.js";
import { fate } from "../../client/web/js/dashboard/rows.js";
import { en } from "../../client/web/js/view/locales/en.js";
import { Words } from "../../client/web/js/view/words.js";

const words = new Words("en");
const turn = (other) => ({ outcome: "completed", in_time: true, interruption: null, ...other });

test("the page asks for no words that there are not", () => {
  const page = readFileSync(new URL("../../client/web/dashboard.html", import.meta.url), "utf8");
  const asked = [...page.matchAll(/data-t(?:-\w+)?="([^"]+)"/g)].map(([, key]) => key);
  assert.ok(asked.length > 10);
  assert.deepEqual(
    asked.filter((key) => !(key in en)),
    [],
  );
});

for (const [part, of, text] of [
  [3, 4, "75 %"],
  [100, 100, "100 %"],
  [999, 1000, "99.9 %"],
  [9999, 10_000, "99.9 %"],
  [0, 7, "0 %"],
]) {
  test(`${part} of ${of} are ${text}`, () => assert.equal(percent(part, of), text));
}

for (const [usd, text] of [
  [0, "$0"],
  [0.000042, "$0.000042"],
  [0.0123, "$0.01"],
  [12.5, "$12.50"],
]) {
  test(`${usd} dollars read ${text}`, () => assert.equal(dollars(usd), text));
}

test("thousands stand apart", () => {
  assert.equal(count(999), "999");
  assert.equal(count(1_234_567), "1\u202f234\u202f567");
});

for (const [seconds, text] of [
  [-1, "0 s"],
  [59.4, "59 s"],
  [90, "2 min"],
  [5400, "1.5 h"],
]) {
  test(`${seconds} seconds read ${text}`, () => assert.equal(span(seconds, words), text));
}

test("the most frequent comes first", () => {
  assert.deepEqual(tally(["asr", "llm", "llm"]), [
    ["llm", 2],
    ["asr", 1],
  ]);
});

test("a bar holds nearly all turns, and the deadline, and one slow turn does not make the others small", () => {
  assert.equal(reach([], 600), 840);
  assert.equal(reach([300, 400], 600), 840);
  assert.equal(reach([...Array(19).fill(1000), 60_000], 600), 1100);
});

test("what came of a turn is seen at a glance", () => {
  assert.equal(fate(turn({})), "good");
  assert.equal(fate(turn({ in_time: false })), "late");
  assert.equal(fate(turn({ outcome: "cancelled", interruption: "barge_in" })), "cut");
  assert.equal(fate(turn({ outcome: "failed", in_time: false })), "failed");
});

const answer = (status, body = {}) => ({ ok: status === 200, status, json: () => Promise.resolve(body) });

test("the report is asked for with the key, if there is one", async () => {
  const asked = [];
  const get = (url, { headers }) => (asked.push([url, headers]), Promise.resolve(answer(200, { at: 1 })));
  assert.deepEqual(await ask("sesame", get), { at: 1 });
  assert.deepEqual(await ask("", get), { at: 1 });
  assert.deepEqual(asked, [
    ["dashboard.json", { authorization: "Bearer sesame" }],
    ["dashboard.json", {}],
  ]);
});

for (const [status, silence] of [
  [401, "locked"],
  [403, "locked"],
  [404, "off"],
  [502, "gone"],
]) {
  test(`a server that answers ${status} is ${silence}`, async () =>
    assert.equal(await ask("", () => Promise.resolve(answer(status))), silence));
}

test("a server that does not answer is gone", async () => {
  assert.equal(await ask("", () => Promise.reject(new TypeError("failed to fetch"))), "gone");
});
