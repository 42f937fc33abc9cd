import assert from "node:assert/strict";
import { test } from "node:test";

import { Watchdog } from "../../client/web/js/watchdog.js";

test("a server that owes nothing may be silent for ever", () => {
  const watchdog = new Watchdog();
  assert.equal(watchdog.alive(1e9, 0), true);
});

test("a server that owes an answer has four seconds to say anything", () => {
  const watchdog = new Watchdog();
  watchdog.asked(0);
  watchdog.asked(3000);
  assert.equal(watchdog.alive(4000, 0), true);
  assert.equal(watchdog.alive(4001, 0), false);
  watchdog.heard();
  assert.equal(watchdog.alive(4001, 0), true);
});

test("bytes that only pile up are a dead line, however busy", () => {
  const watchdog = new Watchdog();
  for (let now = 0; now <= 5000; now += 1000) {
    watchdog.heard();
    assert.equal(watchdog.alive(now, 1000 + now), now <= 4000, `${now} ms`);
  }
});

test("bytes that leave slowly are a slow line", () => {
  const watchdog = new Watchdog();
  for (let now = 0; now <= 20_000; now += 1000) {
    assert.equal(watchdog.alive(now, 100_000 - now), true);
  }
});
