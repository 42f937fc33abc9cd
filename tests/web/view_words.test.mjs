import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { en } from "../../client/web/js/view/locales/en.js";
import { zh } from "../../client/web/js/view/locales/zh.js";
import { languageOf, Words } from "../../client/web/js/view/words.js";

const slots = (text) => [...text.matchAll(/\{\w+\}/g)].map(([slot]) => slot).sort();

test("all languages have the same words, with the same slots", () => {
  assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
  for (const key of Object.keys(en)) assert.deepEqual(slots(zh[key]), slots(en[key]), key);
});

test("the page asks for no words that there are not", () => {
  const page = readFileSync(new URL("../../client/web/index.html", import.meta.url), "utf8");
  const asked = [...page.matchAll(/data-t(?:-\w+)?="([^"]+)"/g)].map(([, key]) => key);
  assert.ok(asked.length > 20);
  assert.deepEqual(
    asked.filter((key) => !(key in en)),
    [],
  );
});

test("there is a sentence for every failure and every part that the call can tell of", () => {
  const types = readFileSync(new URL("../../client/web/js/types.js", import.meta.url), "utf8");
  const words = (name) =>
    [...types.match(new RegExp(`@typedef \\{([^}]+)\\} ${name}\\b`))[1].matchAll(/"([^"]+)"/g)].map(([, word]) => word);
  for (const reason of words("FailureReason"))
    assert.ok(`failure.${reason}.title` in en && `failure.${reason}.advice` in en, reason);
  for (const part of words("PartName")) assert.ok(`part.${part}` in en, part);
});

for (const [wanted, language] of [
  [["de", "zh-TW", "en"], "zh"],
  [["en-GB"], "en"],
  [["fr"], "en"],
  [[], "en"],
]) {
  test(`a reader of ${wanted} reads ${language}`, () => assert.equal(languageOf(wanted), language));
}

for (const [ms, text] of [
  [0, "0 ms"],
  [412.4, "412 ms"],
  [999.6, "1.00 s"],
  [1240, "1.24 s"],
  [-3, "-3 ms"],
]) {
  test(`${ms} ms reads ${text}`, () => assert.equal(new Words("en").duration(ms), text));
}
