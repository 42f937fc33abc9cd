import assert from "node:assert/strict";
import { test } from "node:test";

import { csv, json, markdown, plain } from "../../client/web/js/view/save.js";

const NAMES = { user: "You", assistant: "Antiphon" };
const line = (role, heard, unheard = "") => ({
  id: heard,
  role,
  heard,
  unheard,
  cut: unheard !== "",
  final: true,
  typed: false,
});
const LINES = [line("user", "Hello?"), line("assistant", "Good", " evening."), line("break", ""), line("user", "Bye.")];

const turn = (more) => ({
  id: "r1",
  question: null,
  answer: "a",
  status: "completed",
  why: null,
  earToEar: 512.34,
  network: 2,
  parts: [{ name: "asr", from: 0, ms: 40.26 }],
  marks: { paused: 80 },
  page: {},
  engines: { asr: "sphinx", llm: "qwen3, 4b" },
  usage: { input_tokens: 12, output_tokens: 3 },
  ...more,
});

test("Markdown strikes out what was not heard", () => {
  assert.equal(markdown(LINES, NAMES), "**You:** Hello?\n\n**Antiphon:** Good ~~evening.~~\n\n---\n\n**You:** Bye.\n");
});

test("plain text leaves it out", () => {
  assert.equal(plain(LINES, NAMES), "You: Hello?\nAntiphon: Good —\n\nYou: Bye.");
});

test("JSON tells both apart, and knows no breaks", () => {
  const { messages, turns } = JSON.parse(json(LINES, [turn()]));
  assert.equal(messages.length, 3);
  assert.deepEqual(messages[1], {
    id: "Good",
    role: "assistant",
    heard: "Good",
    unheard: " evening.",
    interrupted: true,
    typed: false,
  });
  assert.equal(turns[0].earToEar, 512.34);
});

test("CSV has a column for every part and mark of any turn", () => {
  const second = turn({
    earToEar: null,
    parts: [],
    marks: { paused: 81, sent: 400 },
    engines: {},
    usage: null,
    status: "failed",
  });
  const [header, ...rows] = csv([turn(), second]).trimEnd().split("\r\n");
  assert.equal(
    header,
    "turn,id,status,ear_to_ear_ms,network_ms,asr,llm,tts,input_tokens,output_tokens,part_asr_ms,mark_paused_ms,mark_sent_ms",
  );
  assert.deepEqual(rows, ['1,r1,completed,512.3,2,sphinx,"qwen3, 4b",,12,3,40.3,80,', "2,r1,failed,,2,,,,,,,81,400"]);
});

test("a spreadsheet is given no formulas", () => {
  assert.match(csv([turn({ engines: { llm: '=HYPERLINK("x")' } })]), /,"'=HYPERLINK\(""x""\)",/);
});
