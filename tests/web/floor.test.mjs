import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { CONFIRM, DUCKED } from "../../client/web/js/bargein.js";
import { Floor } from "../../client/web/js/floor.js";

class Voice {
  speaking = true;
  busy = true;
  orders = [];

  duck(gain) {
    this.orders.push(gain);
  }

  async hush() {
    this.orders.push("hush");
    return [{ item: "a", seconds: 1, share: 0.5 }];
  }
}

test("a voice nobody confirms ducks the answer for as long as the server has to confirm it", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const voice = new Voice();
  new Floor(voice, () => {}).voice();
  mock.timers.tick(CONFIRM - 1);
  assert.deepEqual(voice.orders, [DUCKED]);
  mock.timers.tick(1);
  assert.deepEqual(voice.orders, [DUCKED, 1]);
  mock.timers.reset();
});

test("a voice the server confirms silences the answer for good, and what was not heard is told", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const voice = new Voice();
  const told = [];
  const floor = new Floor(voice, (cuts) => told.push(...cuts));
  floor.voice();
  assert.equal(floor.take(), true);
  await Promise.resolve();
  mock.timers.tick(CONFIRM);
  mock.timers.reset();
  assert.deepEqual(voice.orders, [DUCKED, "hush"]);
  assert.deepEqual(told, [{ item: "a", seconds: 1, share: 0.5 }]);
});

test("where nothing sounds there is nothing to interrupt", () => {
  const voice = new Voice();
  voice.busy = voice.speaking = false;
  const floor = new Floor(voice, () => {});
  floor.voice();
  assert.equal(floor.take(), false);
  assert.deepEqual(voice.orders, []);
});
