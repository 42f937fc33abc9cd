import assert from "node:assert/strict";
import { test } from "node:test";

import { Turns } from "../../client/web/js/turns.js";

const DONE = {
  type: "response.done",
  response: {
    id: "r",
    status: "completed",
    status_details: null,
    usage: { total_tokens: 7 },
    antiphon: { marks_ms: { sent: 400 }, engines: { llm: "brain" }, heard: "Hi.", speech_end_audio_ms: 2500 },
  },
};

/** What is told of an answer, its first sound played before its end or after. */
function told(turns, { late = false } = {}) {
  const played = () => turns.played("a", 1460, 1490);
  return [
    ...turns.take({ type: "conversation.item.added", previous_item_id: null, item: { id: "q", role: "user" } }, 1300),
    ...turns.take({ type: "response.created", response: { id: "r" } }, 1400),
    ...turns.take({ type: "response.output_item.added", response_id: "r", item: { id: "a", type: "message" } }, 1400),
    ...turns.take(
      { type: "conversation.item.added", previous_item_id: "q", item: { id: "a", role: "assistant" } },
      1400,
    ),
    ...turns.take({ type: "response.output_audio.delta", response_id: "r" }, 1450),
    ...turns.take({ type: "response.output_audio.delta", response_id: "r" }, 1480),
    ...(late ? [] : played()),
    ...turns.take(DONE, 2000),
    ...(late ? played() : []),
  ];
}

const spoken = () =>
  new Turns(
    (position) => ({ spoken: position - 1500, sent: position - 1490 }),
    () => 4,
  );

for (const late of [false, true]) {
  test(`a turn is complete when it has ended and is heard, ${late ? "in this" : "not in this"} order`, () => {
    const turn = told(spoken(), { late }).at(-1);
    assert.deepEqual(turn.page, { spoken: 1000, sent: 1010, received: 1450, rendered: 1460, heard: 1490 });
    assert.equal(turn.earToEar, 490);
    assert.equal(turn.network, 4);
    assert.deepEqual([turn.question, turn.answer, turn.status, turn.engines.llm], ["q", "a", "completed", "brain"]);
  });
}

test("a typed question counts from when it was sent", () => {
  const turns = new Turns(
    () => null,
    () => 4,
  );
  turns.asked(1300);
  assert.equal(told(turns).at(-1).earToEar, 190);
});

test("a failure says why, and has no waterfall", () => {
  const turns = spoken();
  turns.take({ type: "response.created", response: { id: "r" } }, 0);
  const details = { type: "failed", error: { message: "no model answers" } };
  const [turn] = turns.take(
    { type: "response.done", response: { id: "r", status: "failed", status_details: details } },
    9,
  );
  assert.deepEqual([turn.status, turn.why, turn.parts, turn.earToEar], ["failed", "no model answers", [], null]);
});

test("old turns are forgotten", () => {
  const turns = spoken();
  for (let n = 0; n < 100; n++) {
    turns.take({ type: "response.created", response: { id: `${n}` } }, n);
  }
  assert.deepEqual(turns.take({ type: "response.output_audio.delta", response_id: "0" }, 200), []);
  assert.equal(turns.take({ type: "response.output_audio.delta", response_id: "99" }, 200).length, 1);
});
