import assert from "node:assert/strict";
import { test } from "node:test";

import { decode, encode, meter, power, toInt16 } from "../../client/web/js/pcm.js";

test("what is encoded is decoded again, however long", () => {
  const pcm = Int16Array.from({ length: 50_000 }, (_, n) => ((n * 7919) % 65536) - 32768);
  assert.deepEqual(decode(encode(pcm)), pcm);
  assert.deepEqual(decode(encode(pcm.subarray(3, 7))), pcm.slice(3, 7));
});

test("half a sample at the end is dropped", () => {
  assert.deepEqual(decode(btoa("\x01\x02\x03")), Int16Array.of(0x0201));
});

test("what is too loud is clipped, not wrapped", () => {
  assert.deepEqual(
    toInt16(Float32Array.of(0, 0.5, 1, 2, -1, -2)),
    Int16Array.of(0, 16384, 32767, 32767, -32768, -32768),
  );
});

test("the meter shows silence as 0, -30 dBFS in the middle and full scale as 1", () => {
  assert.equal(meter(power(new Float32Array(10))), 0);
  assert.ok(Math.abs(meter(0.001) - 0.5) < 0.001);
  assert.ok(Math.abs(meter(1) - 1) < 1e-6);
});
