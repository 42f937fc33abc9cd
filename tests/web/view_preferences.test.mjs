import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, Keeper, settingsOf, USUAL } from "../../client/web/js/view/preferences.js";

for (const kept of [
  null,
  "",
  "null",
  "[]",
  "3",
  "{",
  '{"speed": 9}',
  '{"patience": "none"}',
  '{"voice": 5}',
  '{"announce": "yes"}',
  '{"personas": [{"id": 1}, null]}',
]) {
  test(`${kept} is kept from doing harm`, () => assert.deepEqual(parse(kept), USUAL));
}

test("what was chosen stays chosen", () => {
  const chosen = {
    ...USUAL,
    speed: 1.25,
    patience: "high",
    theme: "dark",
    personas: [{ id: "p", name: "Poet", prompt: "Rhyme." }],
  };
  assert.deepEqual(parse(JSON.stringify(chosen)), chosen);
});

for (const [persona, instructions] of [
  ["house", undefined],
  ["mine", "Rhyme."],
  ["empty", undefined],
  ["gone", undefined],
]) {
  test(`the persona ${persona} tells the model ${instructions}`, () => {
    const personas = [
      { id: "mine", name: "Poet", prompt: " Rhyme. " },
      { id: "empty", name: "", prompt: " " },
    ];
    assert.equal(settingsOf({ ...USUAL, persona, personas }).instructions, instructions);
  });
}

test("the key and the page's own affairs are none of the call's settings", () => {
  const settings = settingsOf({ ...USUAL, key: "secret" });
  assert.deepEqual(
    ["key", "theme", "pageLanguage", "personas", "announce"].filter((name) => name in settings),
    [],
  );
});

test("a change is kept and told, also where the browser keeps nothing", () => {
  const refusing = {
    getItem: () => null,
    setItem: () => {
      throw new Error("full");
    },
  };
  for (const storage of [null, refusing]) {
    const keeper = new Keeper(storage);
    const told = [];
    keeper.follow(() => told.push(keeper.now.voice));
    keeper.change({ voice: "nova" });
    assert.deepEqual(told, ["", "nova"]);
  }
});

/** A storage as two tabs see it. */
function shared() {
  let kept = null;
  return { getItem: () => kept, setItem: (_, text) => (kept = text) };
}

test("what was changed in another tab is not undone by a change in this one", () => {
  const storage = shared();
  const [here, there] = [new Keeper(storage), new Keeper(storage)];
  there.change({ key: "secret" });
  here.change({ theme: "dark" });
  for (const keeper of [here, new Keeper(storage)]) {
    assert.deepEqual([keeper.now.key, keeper.now.theme], ["secret", "dark"]);
  }
});

test("what was changed in another tab is told here, once", () => {
  const storage = shared();
  const [here, there] = [new Keeper(storage), new Keeper(storage)];
  const told = [];
  here.follow(() => told.push(here.now.key));
  there.change({ key: "secret" });
  here.refresh();
  here.refresh();
  assert.deepEqual(told, ["", "secret"]);
});

test("what could not be kept is not forgotten with the next change", () => {
  const full = {
    getItem: () => '{"voice": "nova"}',
    setItem: () => {
      throw new Error("full");
    },
  };
  const keeper = new Keeper(full);
  keeper.change({ key: "secret" });
  keeper.change({ theme: "dark" });
  assert.deepEqual([keeper.now.voice, keeper.now.key, keeper.now.theme], ["nova", "secret", "dark"]);
});
