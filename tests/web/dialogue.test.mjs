import assert from "node:assert/strict";
import { test } from "node:test";

import { Dialogue } from "../../client/web/js/dialogue.js";

const question = (transcript) => ({
  id: "q",
  type: "message",
  role: "user",
  status: "completed",
  content: [{ type: "input_audio", transcript }],
});

const answer = (status, transcript) => ({
  id: "a",
  type: "message",
  role: "assistant",
  status,
  content: status === "in_progress" ? [] : [{ type: "output_audio", transcript }],
});

const QUESTION = [
  { type: "conversation.item.added", previous_item_id: null, item: question(null) },
  { type: "conversation.item.done", previous_item_id: null, item: question(null) },
  { type: "conversation.item.input_audio_transcription.completed", item_id: "q", transcript: "What is it?" },
];

const ANSWER = [
  { type: "conversation.item.added", previous_item_id: "q", item: answer("in_progress") },
  { type: "response.output_audio_transcript.delta", item_id: "a", delta: "It is " },
  { type: "response.output_audio_transcript.delta", item_id: "a", delta: "an antiphon, I think." },
];

const WHOLE = {
  type: "conversation.item.done",
  previous_item_id: "q",
  item: answer("completed", "It is an antiphon, I think."),
};

function after(...events) {
  const dialogue = new Dialogue();
  const told = events.flatMap((event) => dialogue.take(event));
  return { dialogue, told, q: dialogue.find("q"), a: dialogue.find("a") };
}

test("a question is there at once, and its words once they are known", () => {
  const { told, q } = after(...QUESTION);
  assert.deepEqual(
    told.map(({ detail }) => [detail.text, detail.final]),
    [
      ["", false],
      ["", false],
      ["What is it?", true],
    ],
  );
  assert.deepEqual(q, {
    id: "q",
    role: "user",
    text: "What is it?",
    heard: null,
    spoken: true,
    final: true,
    after: null,
  });
});

test("an answer grows word by word", () => {
  const { told } = after(...QUESTION, ...ANSWER, WHOLE);
  const texts = told.filter(({ detail }) => detail.id === "a").map(({ detail }) => [detail.text, detail.final]);
  assert.deepEqual(texts, [
    ["", false],
    ["It is ", false],
    ["It is an antiphon, I think.", false],
    ["It is an antiphon, I think.", true],
  ]);
});

test("what was typed was not spoken", () => {
  const item = { ...question(null), content: [{ type: "input_text", text: "Hello" }] };
  const { q } = after({ type: "conversation.item.added", previous_item_id: null, item });
  assert.deepEqual([q.text, q.spoken, q.final], ["Hello", false, true]);
});

test("the words so far come under the id of the item to be", () => {
  const { told } = after({ type: "antiphon.transcription.partial", item_id: "q", transcript: "What is" });
  assert.deepEqual(told, [{ type: "partial", detail: { id: "q", text: "What is" } }]);
});

test("of a cut answer whole words are guessed as heard, until the server says which they were", () => {
  const { dialogue } = after(...QUESTION, ...ANSWER);
  assert.equal(dialogue.cut("a", 0.4)[0].detail.heard, "It is an");
  assert.equal(dialogue.cut("a", 0)[0].detail.heard, "");
  const done = { status: "cancelled", output: [answer("incomplete", "")], antiphon: { heard: "It is" } };
  assert.equal(dialogue.take({ type: "response.done", response: done })[0].detail.heard, "It is");
  const kept = { type: "conversation.item.retrieved", item: answer("completed", "It is an") };
  assert.equal(dialogue.take(kept)[0].detail.heard, "It is an");
  assert.deepEqual(dialogue.take({ type: "response.done", response: done }), []);
  assert.equal(dialogue.find("a").text, "It is an antiphon, I think.");
});

test("scripts without spaces are cut between characters", () => {
  const { dialogue } = after(ANSWER[0], {
    ...ANSWER[1],
    delta: "这是一个关于对唱圣歌的相当长的回答，没有任何空格在里面",
  });
  assert.equal(dialogue.cut("a", 0.9)[0].detail.heard.length, 24);
});

test("what is deleted is gone", () => {
  const { told, q } = after(...QUESTION, { type: "conversation.item.deleted", item_id: "q" });
  assert.deepEqual(told.at(-1), { type: "removed", detail: { id: "q" } });
  assert.equal(q, undefined);
});

test("events that come again after an outage do not say anything twice", () => {
  const { dialogue } = after(...QUESTION);
  dialogue.reconcile([question("What is it?"), answer("completed", "It is an antiphon, I think.")], false);
  for (const event of [...ANSWER, WHOLE]) {
    dialogue.take(event);
  }
  assert.equal(dialogue.find("a").text, "It is an antiphon, I think.");
});

test("where events were lost the server's words replace what is not complete, and what it has not is gone", () => {
  const { dialogue } = after(...QUESTION, ...ANSWER);
  const told = dialogue.reconcile([answer("completed", "It is not.")], true);
  assert.deepEqual(
    told.map(({ type, detail }) => [type, detail.id, detail.text]),
    [
      ["removed", "q", undefined],
      ["item", "a", "It is not."],
    ],
  );
});

test("what was being said when the buffer was cleared is gone, and what became an item is not", () => {
  const partial = { type: "antiphon.transcription.partial", item_id: "q", transcript: "What is" };
  const cleared = { type: "input_audio_buffer.cleared" };
  const gone = after({ ...partial, item_id: "x" }, cleared).told;
  assert.deepEqual(gone.at(-1), { type: "partial", detail: { id: "x", text: "" } });
  assert.equal(after(partial, ...QUESTION, cleared).told.length, 1 + QUESTION.length);
});
