import assert from "node:assert/strict";
import { test } from "node:test";

import { tellable } from "../../client/web/js/view/transcript.js";

for (const [role, final, told] of [
  ["assistant", true, true],
  ["assistant", false, false],
  ["user", true, false],
  ["break", true, false],
]) {
  test(`${role}, ${final ? "complete" : "growing"}: ${told ? "told" : "not told"}`, () =>
    assert.equal(tellable({ role, final }), told));
}
