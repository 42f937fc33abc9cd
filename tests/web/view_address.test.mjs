import assert from "node:assert/strict";
import { test } from "node:test";

import { takeKeys } from "../../client/web/js/view/address.js";
import { Keeper } from "../../client/web/js/view/preferences.js";

/** A page at an address, which may change. */
class Visited extends EventTarget {
  shown = null;
  history = { replaceState: (_state, _title, url) => (this.shown = url) };

  constructor(hash) {
    super();
    this.location = { hash, pathname: "/", search: "?demo" };
  }

  go(hash) {
    this.location.hash = hash;
    this.dispatchEvent(new Event("hashchange"));
  }
}

for (const [hash, key, shown] of [
  ["#key=s3same-open", "s3same-open", "/?demo"],
  ["#key=a%2Bb%3D", "a+b=", "/?demo"],
  ["#other=1&key=k", "k", "/?demo"],
  ["#key=", "old", "/?demo"],
  ["#text-input", "old", null],
  ["", "old", null],
]) {
  test(`after ${hash || "no fragment"} the key is ${key}`, () => {
    const keeper = new Keeper(null);
    keeper.change({ key: "old" });
    const page = new Visited(hash);
    takeKeys(keeper, page);
    assert.equal(keeper.now.key, key);
    assert.equal(page.shown, shown);
  });
}

test("a key that comes while the page is there is taken as well", () => {
  const keeper = new Keeper(null);
  const page = new Visited("");
  takeKeys(keeper, page);
  page.go("#key=later");
  assert.equal(keeper.now.key, "later");
  assert.equal(page.shown, "/?demo");
});
