import assert from "node:assert/strict";
import { test } from "node:test";

import { Conversation } from "../../client/web/js/view/conversation.js";

const item = (id, after, text = id, more = {}) => ({
  id,
  role: "user",
  text,
  heard: null,
  spoken: true,
  final: true,
  after,
  ...more,
});
const read = (conversation) => conversation.lines.map(({ role, heard }) => (role === "break" ? "-" : heard));

test("what is said comes in the order in which it was said, not in which it became known", () => {
  const conversation = new Conversation();
  for (const [id, after] of [
    ["a", null],
    ["c", "b"],
    ["b", "a"],
    ["d", "c"],
  ])
    conversation.put(item(id, after));
  conversation.put(item("c", "b", "c, in full"));
  assert.deepEqual(read(conversation), ["a", "b", "c, in full", "d"]);
});

test("an item that moves is there once", () => {
  const conversation = new Conversation();
  for (const [id, after] of [
    ["a", null],
    ["b", "a"],
    ["c", "b"],
    ["a", "c"],
  ])
    conversation.put(item(id, after));
  assert.deepEqual(read(conversation), ["b", "c", "a"]);
});

test("the words so far are read until the words are known", () => {
  const conversation = new Conversation();
  conversation.hear("a", "what is");
  assert.deepEqual([read(conversation), conversation.partial], [["what is"], "what is"]);
  conversation.put(item("a", null, "", { final: false }));
  assert.deepEqual(read(conversation), ["what is"]);
  conversation.put(item("a", null, "What is it?"));
  conversation.hear("a", "what was");
  assert.deepEqual([read(conversation), conversation.partial], [["What is it?"], ""]);
});

test("a cough leaves no line", () => {
  const conversation = new Conversation();
  conversation.hear("a", "hm");
  conversation.put(item("a", null, ""));
  assert.deepEqual(read(conversation), []);
});

for (const [text, heard, kept, rest] of [
  ["One two three.", null, "One two three.", ""],
  ["One two three.", "One two", "One two", " three."],
  ["One two three.", "", "", "One two three."],
  ["One two three.", "One two three.", "One two three.", ""],
  ["一二三。", "一二", "一二", "三。"],
  ["One two three.", "Something else", "Something else", ""],
]) {
  test(`of ${JSON.stringify(text)}, ${JSON.stringify(heard)} was heard`, () => {
    const conversation = new Conversation();
    conversation.put(item("a", null, text, { role: "assistant", heard }));
    const [line] = conversation.lines;
    assert.deepEqual([line.heard, line.unheard, line.cut], [kept, rest, heard !== null]);
  });
}

test("another call comes after a break, and only where something was said on both sides of it", () => {
  const conversation = new Conversation();
  conversation.begin();
  conversation.put(item("a", null));
  conversation.begin();
  conversation.begin();
  assert.deepEqual(read(conversation), ["a"]);
  conversation.put(item("x", null));
  conversation.put(item("y", "x"));
  assert.deepEqual(read(conversation), ["a", "-", "x", "y"]);
});

test("what was removed is gone, and instructions are not read", () => {
  const conversation = new Conversation();
  conversation.put(item("a", null));
  conversation.put(item("s", "a", "Be brief.", { role: "system" }));
  conversation.put(item("b", "s"));
  conversation.remove("a");
  assert.deepEqual(read(conversation), ["b"]);
});
