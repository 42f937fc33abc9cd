import assert from "node:assert/strict";
import { test } from "node:test";

import { here, invitation } from "../../client/web/js/view/phone.js";

const URL = "https://192.168.1.5:8443/#key=k";

/** A server that answers from a table, and remembers who asked what. */
function server(answers) {
  const asked = [];
  const get = async (path, { headers }) => {
    asked.push([path, headers]);
    if (!(path in answers)) return new Response("", { status: 404 });
    return new Response(answers[path]);
  };
  return { asked, get };
}

test("the way in is a code, addresses and a fingerprint, asked for with the key", async () => {
  const { asked, get } = server({ lan: JSON.stringify({ urls: [URL], fingerprint: "AB:CD" }), "lan.svg": "<svg/>" });
  const { urls, fingerprint, code } = await invitation("k", get);
  assert.deepEqual([urls, fingerprint, await code.text()], [[URL], "AB:CD", "<svg/>"]);
  assert.deepEqual(
    asked,
    ["lan", "lan.svg"].map((path) => [path, { authorization: "Bearer k" }]),
  );
});

test("a server that was not started for it has no code", async () => {
  const { asked, get } = server({ lan: JSON.stringify({ urls: [], fingerprint: null }) });
  assert.deepEqual(await invitation("", get), { urls: [], fingerprint: null, code: null });
  assert.deepEqual(asked, [["lan", {}]]);
});

for (const [hostname, expected] of [
  ["127.0.0.1", true],
  ["[::1]", true],
  ["localhost", true],
  ["192.168.1.5", false],
  ["localhost.example", false],
]) {
  test(`${hostname} is ${expected ? "this" : "another"} machine`, () => assert.equal(here(hostname), expected));
}

test("a server that tells nothing says why", async () => {
  const gone = async () => {
    throw new TypeError("Failed to fetch");
  };
  const locked = async () => new Response("", { status: 401 });
  assert.equal(await invitation("", gone), "server-gone");
  assert.equal(await invitation("", locked), "bad-key");
  assert.equal(await invitation("", server({}).get), "not-understood");
  assert.equal(await invitation("", server({ lan: "<html>" }).get), "not-understood");
});
