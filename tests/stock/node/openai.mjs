// Conversations through OpenAI's own library, `openai`, by raw events.
//
// It learns where the server is from OPENAI_BASE_URL, as ever, but makes `wss:` of any scheme: over plain HTTP, to a
// server on this machine, it also needs `createConnection`. Behind TLS the URL is all.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { assertBeginning, assertUnderstood, Ledger, words } from "./ledger.mjs";
import { BYTES_PER_MS, Microphone, spoken } from "./microphone.mjs";

const withoutTls = { createConnection: ({ host, port }) => connect(port, host) };

const WEATHER = {
  type: "function",
  name: "get_weather",
  description: "The weather in a city",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

/** One connection to the server, and what a program does with it again and again. */
class Caller {
  ledger = new Ledger();
  #rt = new OpenAIRealtimeWS({ model: "gpt-realtime", options: withoutTls });
  #microphone;

  constructor() {
    this.#rt.on("event", (event) => this.ledger.take(event));
    this.#rt.on("error", (error) => this.ledger.complain(error));
  }

  send(type, fields = {}) {
    this.#rt.send({ type, ...fields });
  }

  /** Changes the session; returns it as the server has it. */
  async update(session) {
    const since = this.ledger.now;
    this.send("session.update", { session: { type: "realtime", ...session } });
    return (await this.ledger.until("session.updated", since)).session;
  }

  /** Puts a line of text into the conversation, and returns its item. */
  async say(text, { id, after } = {}) {
    const since = this.ledger.now;
    const item = { type: "message", role: "user", content: [{ type: "input_text", text }], id };
    this.send("conversation.item.create", { item, previous_item_id: after });
    return (await this.ledger.until("conversation.item.done", since)).item;
  }

  /** Asks in writing, and returns the whole answer. */
  async ask(text, response = undefined) {
    const since = this.ledger.now;
    await this.say(text);
    this.send("response.create", { response });
    return this.ledger.answer(since);
  }

  /** The item as the server has it. */
  async retrieve(id) {
    const since = this.ledger.now;
    this.send("conversation.item.retrieve", { item_id: id });
    return (await this.ledger.until("conversation.item.retrieved", since)).item;
  }

  /** Says this recording into a microphone that stays open. */
  async speak(name) {
    const append = (sound) => this.send("input_audio_buffer.append", { audio: sound.toString("base64") });
    this.#microphone ??= new Microphone(append, 20);
    await this.#microphone.speak(name);
  }

  hangUp() {
    this.#microphone?.off();
    this.#rt.close();
  }
}

/** A scenario: its name, and what happens from the first event to the last. */
const scenario = (play) => async () => {
  const caller = new Caller();
  const { ledger } = caller;
  try {
    await ledger.witness(async () => {
      await ledger.until("session.created");
      await play(caller);
      await caller.update({}); // whatever the server still had to say has come by now
    });
  } finally {
    caller.hangUp();
  }
};

export const text = scenario(async (caller) => {
  const session = await caller.update({ instructions: "Be brief." });
  assert.equal(session.instructions, "Be brief.");
  const aloud = await caller.ask("What is 2 plus 3?", { metadata: { asked: "first" } });
  assert.equal(aloud.status, "completed");
  assert.equal(aloud.text, "2 plus 3 is 5.");
  assert.deepEqual(aloud.metadata, { asked: "first" });
  assert.ok(aloud.ms > 500);
  const deltas = caller.ledger.all("response.output_audio_transcript.delta").map(({ delta }) => delta);
  assert.equal(deltas.join(""), aloud.text);
  const written = await caller.ask("What is 4 times 5?", { output_modalities: ["text"] });
  assert.equal(written.text, "4 times 5 is 20.");
  assert.equal(written.ms, 0);
});

export const voice = scenario(async (caller) => {
  const said = await spoken("spk1_snt5");
  await caller.update({ audio: { input: { transcription: { model: "gpt-4o-mini-transcribe", language: "en" } } } });
  await caller.speak("spk1_snt5");
  const answer = await caller.ledger.answer();
  assert.equal(answer.status, "completed");
  assert.ok(answer.ms > 500);
  const heard = await caller.ledger.until("conversation.item.input_audio_transcription.completed");
  assertUnderstood(said, heard.transcript);
  const ids = ["speech_started", "speech_stopped", "committed"].map((step) =>
    caller.ledger.all(`input_audio_buffer.${step}`).map((event) => event.item_id),
  );
  assert.deepEqual(ids, [[heard.item_id], [heard.item_id], [heard.item_id]]);
  const again = await caller.ask("What did I just say?");
  assertUnderstood(said, again.text);
});

export const push_to_talk = scenario(async (caller) => {
  await caller.update({ audio: { input: { turn_detection: null } } });
  await caller.speak("spk1_snt6");
  await sleep(2500);
  caller.send("input_audio_buffer.commit");
  caller.send("response.create");
  const answer = await caller.ledger.answer();
  assert.equal(answer.status, "completed");
  const { transcript } = await caller.ledger.until("conversation.item.input_audio_transcription.completed");
  assertUnderstood(await spoken("spk1_snt6"), transcript);
});

export const barge_in = scenario(async (caller) => {
  const { ledger } = caller;
  await caller.say("Tell me a story.");
  caller.send("response.create");
  const { item_id, at } = await ledger.until("response.output_audio.delta");
  await sleep(800);
  await caller.speak("spk1_snt1");
  await ledger.until("input_audio_buffer.speech_started");
  const played = Math.round(performance.now() - at);
  caller.send("conversation.item.truncate", { item_id, content_index: 0, audio_end_ms: played });
  const cut = await ledger.answer();
  const since = ledger.now;
  assert.deepEqual(cut.status_details, { type: "cancelled", reason: "turn_detected" });
  assert.equal((await ledger.until("conversation.item.truncated")).audio_end_ms, played);
  const answer = await ledger.answer(since);
  assert.equal(answer.status, "completed");
  const { transcript } = await ledger.until("conversation.item.input_audio_transcription.completed");
  assertUnderstood(await spoken("spk1_snt1"), transcript);
  assertBeginning(cut.text, words(await caller.retrieve(item_id)));
});

export const cancel = scenario(async (caller) => {
  await caller.say("Tell me a story.");
  caller.send("response.create");
  const { response_id } = await caller.ledger.until("response.output_audio.delta");
  caller.send("response.cancel", { response_id });
  const cut = await caller.ledger.answer();
  assert.deepEqual(cut.status_details, { type: "cancelled", reason: "client_cancelled" });
  assert.equal(cut.output[0].status, "incomplete");
  assert.equal((await caller.ask("What is 2 plus 3?")).text, "2 plus 3 is 5.");
});

export const tool = scenario(async (caller) => {
  const { ledger } = caller;
  await caller.update({ tools: [WEATHER], tool_choice: "auto" });
  const asked = await caller.ask("What is the weather in Paris?");
  const call = asked.output.find((item) => item.type === "function_call");
  assert.equal(call.name, "get_weather");
  assert.deepEqual(JSON.parse(call.arguments), { city: "Paris" });
  const done = await ledger.until("response.function_call_arguments.done");
  assert.deepEqual([done.call_id, done.arguments], [call.call_id, call.arguments]);
  const streamed = ledger.all("response.function_call_arguments.delta").map(({ delta }) => delta);
  assert.equal(streamed.join(""), call.arguments);
  const since = ledger.now;
  const output = JSON.stringify({ temperature: "18 degrees" });
  caller.send("conversation.item.create", { item: { type: "function_call_output", call_id: call.call_id, output } });
  caller.send("response.create");
  const answer = await ledger.answer(since);
  assert.match(answer.text, /18 degrees/);
  assert.ok(answer.ms > 500);
});

export const truncate = scenario(async (caller) => {
  const { ledger } = caller;
  const counted = await caller.ask("Count to 12.");
  const item_id = counted.output[0].id;
  caller.send("conversation.item.truncate", { item_id, content_index: 0, audio_end_ms: 1500 });
  assert.equal((await ledger.until("conversation.item.truncated")).audio_end_ms, 1500);
  assertBeginning(counted.text, words(await caller.retrieve(item_id)));
  const again = await caller.ask("Say that again.");
  assert.ok(!again.text.includes("12"), again.text);
});

export const history = scenario(async (caller) => {
  const { ledger } = caller;
  const told = await caller.say("My name is Ana.", { id: "told" });
  const home = await caller.say("I live in Oslo.", { after: "root" });
  assert.match((await caller.ask("What is my name?")).text, /Ana/);
  caller.send("conversation.item.delete", { item_id: told.id });
  assert.equal((await ledger.until("conversation.item.deleted")).item_id, "told");
  const renamed = await caller.say("My name is Bob.", { after: home.id });
  const added = ledger.all("conversation.item.added").find(({ item }) => item.id === renamed.id);
  assert.equal(added.previous_item_id, home.id);
  assert.match((await caller.ask("What is my name?")).text, /Bob/);
  assert.match((await caller.ask("Where do I live?")).text, /Oslo/);
});

export const retrieve = scenario(async (caller) => {
  const typed = await caller.say("Hello!");
  assert.deepEqual((await caller.retrieve(typed.id)).content, [{ type: "input_text", text: "Hello!" }]);
  await caller.speak("spk1_snt5");
  const heard = await caller.ledger.until("conversation.item.input_audio_transcription.completed");
  const [part] = (await caller.retrieve(heard.item_id)).content;
  assert.equal(part.type, "input_audio");
  assert.equal(part.transcript, heard.transcript);
  assert.ok(Buffer.from(part.audio, "base64").length > 2000 * BYTES_PER_MS);
  await caller.ledger.answer();
});

export const aside = scenario(async (caller) => {
  await caller.say("My name is Ana.");
  const since = caller.ledger.now;
  const input = [{ type: "message", role: "user", content: [{ type: "input_text", text: "What is 2 plus 3?" }] }];
  const response = { conversation: "none", output_modalities: ["text"], metadata: { topic: "sums" }, input };
  caller.send("response.create", { response });
  const aside = await caller.ledger.answer(since);
  assert.equal(aside.text, "2 plus 3 is 5.");
  assert.equal(aside.conversation_id, null);
  assert.deepEqual(aside.metadata, { topic: "sums" });
  assert.deepEqual(caller.ledger.all("conversation.item.added", since), []);
  assert.match((await caller.ask("What is my name?")).text, /Ana/);
});
