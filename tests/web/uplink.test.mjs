import assert from "node:assert/strict";
import { test } from "node:test";

import { Uplink } from "../../client/web/js/uplink.js";

/** A piece of 20 ms, captured at the end of the `n`-th. */
const piece = (n) => ({ pcm: new Int16Array(480).fill(n), ended: 1000 + (n + 1) * 20 });

/** Feed pieces from..to, sending each at once if there is a line. */
function speak(uplink, from, to, line = true) {
  for (let n = from; n < to; n++) {
    uplink.add(piece(n));
    while (line && uplink.next(1000 + (n + 1) * 20 + 7)) {
      // sent
    }
  }
}

function sent(uplink) {
  const pieces = [];
  for (let pcm = uplink.next(0); pcm; pcm = uplink.next(0)) {
    pieces.push(pcm);
  }
  return pieces;
}

test("a position leads to the moment it was spoken, and how long it took to be sent", () => {
  const uplink = new Uplink();
  speak(uplink, 0, 50);
  assert.deepEqual(uplink.when(110), { spoken: 1110, sent: 1117 });
  assert.equal(uplink.when(2000), null);
});

test("what the server did not get is sent again, to the sample", () => {
  const uplink = new Uplink();
  speak(uplink, 0, 50);
  speak(uplink, 50, 60, false);
  assert.equal(uplink.resume(910), 0);
  const again = sent(uplink);
  assert.deepEqual(
    again.map((pcm) => [pcm[0], pcm.length]),
    [[45, 240], ...Array.from({ length: 14 }, (_, n) => [46 + n, 480])],
  );
  assert.equal(uplink.when(1190).spoken, 2190);
});

test("a server that lost its memory gets only what was never sent", () => {
  const uplink = new Uplink();
  speak(uplink, 0, 1000);
  uplink.answered(5000);
  speak(uplink, 1000, 1003, false);
  assert.equal(uplink.resume(0), 0);
  assert.deepEqual(
    sent(uplink).map((pcm) => pcm[0]),
    [1000, 1001, 1002],
  );
  assert.equal(uplink.when(10).spoken, 1000 + 1000 * 20 + 10);
});

test("of a long outage the last five seconds are kept, and the rest is counted as lost", () => {
  const uplink = new Uplink();
  speak(uplink, 0, 10);
  speak(uplink, 10, 360, false);
  assert.equal(uplink.resume(200), 2);
  assert.equal(sent(uplink)[0][0], 110);
  assert.equal(uplink.resume(200 + 5000), 0);
});
