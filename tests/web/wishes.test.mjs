import assert from "node:assert/strict";
import { test } from "node:test";

import { sessionOf, usualOf } from "../../client/web/js/wishes.js";

test("what is not set stays as the server has it", () => {
  assert.deepEqual(sessionOf({}), {
    type: "realtime",
    output_modalities: ["audio"],
    antiphon: { persona: null },
    audio: {
      input: {
        transcription: { model: "auto" },
        turn_detection: { type: "semantic_vad", eagerness: "auto", create_response: true, interrupt_response: true },
      },
      output: {},
    },
  });
});

test("a patient assistant is not eager, and a button needs no detection", () => {
  assert.equal(sessionOf({ patience: "high" }).audio.input.turn_detection.eagerness, "low");
  assert.equal(sessionOf({ patience: "low" }).audio.input.turn_detection.eagerness, "high");
  assert.equal(sessionOf({ handsFree: false }).audio.input.turn_detection, null);
});

test("what is not set any more is as the server had it", () => {
  const usual = usualOf({ instructions: "You are Antiphon.", audio: { output: { voice: "marin", speed: 1 } } });
  const theirs = sessionOf({ voice: "" }, usual);
  assert.equal(theirs.instructions, "You are Antiphon.");
  assert.equal(theirs.audio.output.voice, "marin");
  const ours = sessionOf({ instructions: "Be brief.", voice: "ash" }, usual);
  assert.equal(ours.instructions, "Be brief.");
  assert.equal(ours.audio.output.voice, "ash");
});

test("a server that tells nothing of itself is told nothing", () => {
  const session = sessionOf({ voice: "" }, usualOf({}));
  assert.ok(!("instructions" in session));
  assert.deepEqual(session.audio.output, {});
});

test("a persona of the server's is named, and decides what the user does not", () => {
  const usual = usualOf({ instructions: "You are Antiphon.", audio: { output: { voice: "marin" } } });
  const session = sessionOf({ persona: "nurse", voice: "", language: "", speed: 1 }, usual);
  assert.deepEqual(session.antiphon, { persona: "nurse" });
  assert.ok(!("instructions" in session));
  assert.deepEqual(session.audio.output, { speed: 1 });
  assert.deepEqual(session.audio.input.transcription, { model: "auto" });
  assert.equal(sessionOf({ persona: "nurse", voice: "ash" }, usual).audio.output.voice, "ash");
});

test("of a session that began as a persona nothing is known that holds without it", () => {
  const began = usualOf({ instructions: "You are a nurse.", antiphon: { persona: "nurse" }, audio: { output: {} } });
  assert.ok(!("instructions" in sessionOf({}, began)));
  assert.deepEqual(sessionOf({}, began).antiphon, { persona: null });
});

test("persona, voice, language and speed are passed on", () => {
  const session = sessionOf({ instructions: "Be brief.", voice: "ash", language: "de", speed: 1.2 });
  assert.equal(session.instructions, "Be brief.");
  assert.deepEqual(session.audio.output, { voice: "ash", speed: 1.2 });
  assert.equal(session.audio.input.transcription.language, "de");
});
