import assert from "node:assert/strict";
import { test } from "node:test";

import { Awake } from "../../client/web/js/view/awake.js";

/** A browser that takes its time to give a lock; how many are held, and `settle`. */
function browser() {
  const told = { held: 0, settle: () => new Promise((done) => setTimeout(done, 20)) };
  const lock = () => {
    let held = true;
    told.held += 1;
    return {
      release: async () => {
        if (held) told.held -= 1;
        held = false;
      },
    };
  };
  const request = () => new Promise((given) => setTimeout(() => given(lock()), 5));
  Object.defineProperty(globalThis, "navigator", { value: { wakeLock: { request } }, configurable: true });
  Object.defineProperty(globalThis, "document", {
    value: { addEventListener() {}, visibilityState: "visible" },
    configurable: true,
  });
  return told;
}

for (const [what, wishes, held] of [
  ["the screen stays on during a call", [true], 1],
  ["it may go dark after a call", [true, null, false], 0],
  ["it may go dark when a call fails before it has begun", [true, false], 0],
  ["a second try keeps it on, and once", [true, false, true], 1],
  ["after a second try it may go dark", [true, false, true, null, false], 0],
]) {
  test(what, async () => {
    const told = browser();
    const awake = new Awake();
    for (const wish of wishes) {
      if (wish === null) await told.settle();
      else awake.keep(wish);
    }
    await told.settle();
    assert.equal(told.held, held);
  });
}
