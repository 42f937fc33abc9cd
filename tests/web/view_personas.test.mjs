import assert from "node:assert/strict";
import { test } from "node:test";

import { theirName, theirs, title } from "../../client/web/js/view/personas.js";
import { settingsOf, USUAL } from "../../client/web/js/view/preferences.js";

/** A server that answers with this, and remembers what it was asked. */
const server = (answer, ok = true) => {
  const asked = [];
  const get = async (url, { headers }) => {
    asked.push([url, headers.authorization]);
    return { ok, json: async () => answer };
  };
  return { asked, get };
};

test("the server's personas are told from the page's", async () => {
  const { asked, get } = server({ data: [{ id: "pirate" }, { id: "old_sea-dog" }] });
  const found = await theirs("secret", get);
  assert.deepEqual(found, ["server:pirate", "server:old_sea-dog"]);
  assert.deepEqual(found.map(theirName), ["pirate", "old_sea-dog"]);
  assert.deepEqual(found.map(title), ["Pirate", "Old sea dog"]);
  assert.deepEqual(asked, [["v1/personas", "Bearer secret"]]);
});

test("a server that tells nothing has none", async () => {
  assert.deepEqual(await theirs("", server({}, false).get), []);
  assert.deepEqual(await theirs("", server({ error: {} }).get), []);
  assert.deepEqual(
    await theirs("", () => Promise.reject(new TypeError("gone"))),
    [],
  );
});

test("a call is told the name of the server's persona, and no prompt", () => {
  const settings = settingsOf({ ...USUAL, persona: "server:pirate" });
  assert.deepEqual([settings.persona, settings.instructions], ["pirate", undefined]);
  assert.equal(settingsOf({ ...USUAL, persona: "tutor" }).persona, "");
});
