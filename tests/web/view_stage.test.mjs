import assert from "node:assert/strict";
import { test } from "node:test";

import { command } from "../../client/web/js/view/keys.js";
import { en } from "../../client/web/js/view/locales/en.js";
import { HALF, ring } from "../../client/web/js/view/ring.js";
import { hint, press } from "../../client/web/js/view/stage.js";

const STATES = [
  "idle",
  "connecting",
  "listening",
  "hearing",
  "thinking",
  "speaking",
  "interrupted",
  "reconnecting",
  "failed",
];

for (const state of STATES) {
  for (const handsFree of [true, false]) {
    for (const [muted, typing, how] of [
      [false, false, ""],
      [true, false, ", muted"],
      [false, true, ", typing only"],
    ]) {
      test(`${state}, ${handsFree ? "hands-free" : "held"}${how}: there is a hint`, () => {
        assert.ok(hint({ state: { state, typing }, handsFree, muted, partial: "" }) in en);
      });
    }
  }
}

for (const [state, handsFree, expected, typing = false] of [
  ["idle", true, "start"],
  ["idle", false, "hold"],
  ["speaking", true, "end"],
  ["speaking", false, "hold"],
  ["listening", true, "listen", true],
  ["speaking", false, "hold", true],
  ["failed", true, "retry"],
  ["failed", false, "retry"],
]) {
  const how = `${handsFree ? "hands-free" : "held"}${typing ? ", typing only" : ""}`;
  test(`when ${state}, ${how}, the button means ${expected}`, () =>
    assert.equal(press({ state, typing }, handsFree), expected));
}

test("nobody who only types is told to say something", () => {
  const states = STATES.map((state) => hint({ state: { state, typing: true }, handsFree: true, muted: false }));
  for (const spoken of ["hint.connecting", "hint.listening", "hint.speaking"]) assert.ok(!states.includes(spoken));
});

test("no two states look the same, also when nothing moves", () => {
  const levels = Array.from({ length: HALF }, () => ({ input: 0.7, output: 0.7 }));
  const looks = STATES.map((state) => JSON.stringify(ring(state, levels, 0.3, true)));
  assert.equal(new Set(looks).size, STATES.length);
});

test("without motion, time changes nothing", () => {
  for (const state of STATES) assert.deepEqual(ring(state, [], 1, true), ring(state, [], 2.3, true));
});

test("whoever speaks moves his own half", () => {
  const levels = [{ input: 0.8, output: 0 }];
  const ticks = ring("listening", levels, 0, false);
  assert.equal(Math.max(...ticks.slice(0, HALF).map(({ length }) => length)), 0);
  assert.ok(Math.max(...ticks.slice(HALF).map(({ length }) => length)) > 0.3);
});

test("strokes stay within their bounds", () => {
  const levels = Array.from({ length: HALF }, () => ({ input: 1, output: 1 }));
  for (const state of STATES) {
    for (const { length, strength } of ring(state, levels, 0.9, false)) {
      assert.ok(length >= 0 && length <= 1.12 && strength >= 0 && strength <= 1, `${state}: ${length}, ${strength}`);
    }
  }
});

const key = (name, more = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...more,
});
for (const [pressed, focus, expected] of [
  [key(" "), {}, "talk"],
  [key(" "), { pressing: true }, null],
  [key(" "), { writing: true }, null],
  [key("/"), { pressing: true }, "type"],
  [key("/"), { writing: true }, null],
  [key("M"), {}, "mute"],
  [key("m", { ctrlKey: true }), {}, null],
  [key("Escape"), { writing: true }, "hush"],
  [key("Escape", { isComposing: true }), { writing: true }, null],
  [key("x"), {}, null],
]) {
  test(`${JSON.stringify(pressed.key)} with ${JSON.stringify(focus)} is ${expected}`, () => {
    assert.equal(command(pressed, { writing: false, pressing: false, ...focus }), expected);
  });
}
