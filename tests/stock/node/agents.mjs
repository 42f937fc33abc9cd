// Conversations through OpenAI's Agents library for Node, `@openai/agents-realtime`. All it needs is the URL.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { z } from "zod";
import { assertBeginning, assertUnderstood, Ledger, words } from "./ledger.mjs";
import { Microphone, spoken } from "./microphone.mjs";

const url = `${process.env.OPENAI_BASE_URL.replace("http", "ws")}/realtime?model=gpt-realtime`;

const WEATHER = { Paris: "18 degrees", London: "raining" };

/** A session with one agent, and what a program does with it again and again. */
class Caller {
  ledger = new Ledger();
  calls = [];
  toolMs = 0; // that the first call takes; each takes that much longer than the one before
  sound = 0;
  interruptions = 0;
  #microphone;

  constructor(options) {
    const weather = tool({
      name: "get_weather",
      description: "The weather in a city",
      parameters: z.object({ city: z.string() }),
      execute: async ({ city }) => {
        this.calls.push(city);
        await sleep(this.calls.length * this.toolMs);
        return `It is ${WEATHER[city]} in ${city}.`;
      },
    });
    const tutor = new RealtimeAgent({
      name: "Tutor",
      handoffDescription: "Explains algebra",
      instructions: "You are Tia.",
    });
    const agent = new RealtimeAgent({ name: "Host", instructions: "Be brief.", tools: [weather], handoffs: [tutor] });
    this.session = new RealtimeSession(agent, { transport: "websocket", ...options });
    this.session.on("transport_event", (event) => this.ledger.take(event));
    this.session.on("history_updated", () => this.ledger.look());
    this.session.on("audio", ({ data }) => (this.sound += data.byteLength));
    this.session.on("audio_interrupted", () => this.interruptions++);
    this.session.on("error", ({ error }) => this.ledger.complain(error));
  }

  async connect() {
    await this.session.connect({ apiKey: process.env.OPENAI_API_KEY, url });
  }

  /** Asks in writing, and returns the whole answer. */
  ask(text) {
    const since = this.ledger.now;
    this.session.sendMessage(text);
    return this.ledger.answer(since);
  }

  /** Says this recording into a microphone that stays open. */
  async speak(name) {
    const append = ({ buffer, byteOffset, length }) =>
      this.session.sendAudio(buffer.slice(byteOffset, byteOffset + length));
    this.#microphone ??= new Microphone(append, 100);
    await this.#microphone.speak(name);
  }

  /** The history, once it is as it should be. */
  history(right) {
    return this.ledger.found("the right history", () => right(this.session.history) && this.session.history);
  }

  hangUp() {
    this.#microphone?.off();
    this.session.close();
  }
}

/** A conversation from the handshake to the end, with a session of these options. */
const scenario =
  (play, options = {}) =>
  async () => {
    const caller = new Caller(options);
    try {
      await caller.ledger.witness(async () => {
        await caller.connect();
        await play(caller);
      });
    } finally {
      caller.hangUp();
    }
  };

export const text = scenario(async (caller) => {
  const answer = await caller.ask("What is 2 plus 3?");
  assert.equal(answer.text, "2 plus 3 is 5.");
  assert.equal(caller.sound, answer.ms * 48);
  assert.ok(caller.sound > 24_000);
  assert.equal((await caller.ask("What is 4 times 5?")).text, "4 times 5 is 20.");
  const { history, usage } = caller.session;
  assert.deepEqual(
    history.map((item) => [item.role, words(item), item.status]),
    [
      ["user", "What is 2 plus 3?", "completed"],
      ["assistant", "2 plus 3 is 5.", "completed"],
      ["user", "What is 4 times 5?", "completed"],
      ["assistant", "4 times 5 is 20.", "completed"],
    ],
  );
  assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
});

/** The second question is asked before the first is answered. */
export const two_questions = scenario(async (caller) => {
  const { ledger, session } = caller;
  session.sendMessage("What is 2 plus 3?");
  session.sendMessage("What is 4 times 5?");
  const first = await ledger.answer();
  const second = await ledger.answer(ledger.now);
  assert.deepEqual([first.text, second.text], ["2 plus 3 is 5.", "4 times 5 is 20."]);
});

export const text_alone = scenario(
  async (caller) => {
    assert.equal((await caller.ask("What is 2 plus 3?")).text, "2 plus 3 is 5.");
    assert.equal(caller.sound, 0);
    assert.deepEqual(caller.session.history[1].content, [{ type: "output_text", text: "2 plus 3 is 5." }]);
  },
  { config: { outputModalities: ["text"] } },
);

export const voice = scenario(async (caller) => {
  await caller.speak("spk1_snt5");
  const answer = await caller.ledger.answer();
  assert.equal(answer.status, "completed");
  assert.ok(caller.sound > 24_000);
  await caller.ledger.until("conversation.item.retrieved");
  const [question, reply] = await caller.history(([user]) => words(user));
  assert.equal(question.role, "user");
  assert.equal(question.content[0].type, "input_audio");
  assertUnderstood(await spoken("spk1_snt5"), words(question));
  assert.equal(words(reply), answer.text);
});

export const barge_in = scenario(async (caller) => {
  const { ledger } = caller;
  caller.session.sendMessage("Tell me a story.");
  const { item_id } = await ledger.until("response.output_audio.delta");
  await sleep(800);
  await caller.speak("spk1_snt1");
  const cut = await ledger.answer();
  const since = ledger.now;
  assert.deepEqual(cut.status_details, { type: "cancelled", reason: "turn_detected" });
  assert.equal(caller.interruptions, 1);
  await ledger.until("conversation.item.truncated");
  assert.equal((await ledger.answer(since)).status, "completed");
  const story = (history) => history.find(({ itemId }) => itemId === item_id);
  const kept = story(await caller.history((history) => words(story(history)) !== cut.text));
  assertBeginning(cut.text, words(kept));
  assert.equal(kept.status, "incomplete");
  const [, , said] = await caller.history(([, , user]) => user && words(user));
  assertUnderstood(await spoken("spk1_snt1"), words(said));
});

export const interrupt = scenario(async (caller) => {
  const { ledger, session } = caller;
  session.sendMessage("Tell me a story.");
  await ledger.until("response.output_audio.delta");
  await sleep(700);
  session.interrupt();
  const cut = await ledger.answer();
  assert.deepEqual(cut.status_details, { type: "cancelled", reason: "client_cancelled" });
  const { audio_end_ms } = await ledger.until("conversation.item.truncated");
  assert.ok(audio_end_ms > 650, `${audio_end_ms} ms`);
  const [, story] = await caller.history(([, reply]) => words(reply) !== cut.text);
  assertBeginning(cut.text, words(story));
  assert.equal((await caller.ask("What is 2 plus 3?")).text, "2 plus 3 is 5.");
});

/** The answer is complete, and is interrupted while it is still being played. */
export const interrupt_playback = scenario(async (caller) => {
  const counted = await caller.ask("Count to 12.");
  await sleep(700);
  caller.session.interrupt();
  await caller.ledger.until("conversation.item.truncated");
  const [, reply] = await caller.history(([, reply]) => words(reply) !== counted.text);
  assertBeginning(counted.text, words(reply));
});

/** What must not be said is noticed while it is being said, and something else is said instead. */
export const guardrail = scenario(
  async (caller) => {
    const { ledger, session } = caller;
    let tripped = 0;
    session.on("guardrail_tripped", () => tripped++);
    const cut = await caller.ask("Tell me a story.");
    assert.deepEqual(cut.status_details, { type: "cancelled", reason: "client_cancelled" });
    const since = ledger.now;
    await ledger.until("response.output_audio.delta", since);
    session.interrupt();
    assert.equal((await ledger.answer(since)).status, "cancelled");
    assert.equal(tripped, 1);
  },
  {
    outputGuardrails: [
      {
        name: "seaside",
        execute: async ({ agentOutput }) => {
          await sleep(300); // as long as a model takes that judges
          return { tripwireTriggered: /lighthouse/.test(agentOutput), outputInfo: {} };
        },
      },
    ],
    outputGuardrailSettings: { debounceTextLength: 10 },
  },
);

export const use_tool = scenario(async (caller) => {
  const asked = await caller.ask("What is the weather in Paris?");
  assert.equal(asked.output.at(-1).type, "function_call");
  const answer = await caller.ledger.answer(caller.ledger.now);
  assert.match(answer.text, /18 degrees in Paris/);
  assert.deepEqual(caller.calls, ["Paris"]);
  assert.ok(caller.sound > 24_000);
  const { arguments: given, output } = caller.session.history.find(({ type }) => type === "function_call");
  assert.deepEqual([given, output].map(String), ['{"city":"Paris"}', "It is 18 degrees in Paris."]);
  assert.match((await caller.ask("What did you just say?")).text, /18 degrees/);
});

/** The library asks for an answer as soon as it has the first result, and for another when it has the second. */
export const use_tool_twice = scenario(async (caller) => {
  const { ledger, session } = caller;
  caller.toolMs = 100;
  session.sendMessage("What is the weather in Paris and in London?");
  const said = (history) => history.filter(({ role }) => role === "assistant").map(words);
  await caller.history((history) => /18 degrees in Paris.*raining in London/.test(said(history).join(" ")));
  assert.deepEqual(caller.calls, ["Paris", "London"]);
  const calls = session.history.filter(({ type }) => type === "function_call");
  assert.deepEqual(
    calls.map(({ output, status }) => [output, status]),
    [
      ["It is 18 degrees in Paris.", "completed"],
      ["It is raining in London.", "completed"],
    ],
  );
  const complete = () => ledger.all("response.done").length === ledger.all("response.created").length;
  await ledger.found("the end of the last response", complete);
});

/** The user goes on talking while the tool is at work, and is answered too. */
export const speak_during_tool = scenario(async (caller) => {
  const { ledger, session } = caller;
  caller.toolMs = 1000;
  session.sendMessage("What is the weather in Paris?");
  await caller.speak("spk1_snt6");
  const heard = await ledger.until("conversation.item.input_audio_transcription.completed");
  await ledger.answer(ledger.events.indexOf(heard));
  assert.deepEqual(caller.calls, ["Paris"]);
  const said = ledger.all("response.done").flatMap(({ response }) => response.output.map(words));
  assert.match(said.join(" "), /18 degrees in Paris/);
  assertUnderstood(await spoken("spk1_snt6"), heard.transcript);
});

/** All that was said and called is forgotten, and then the like is asked: no call may pass for an old one. */
export const forget = scenario(async (caller) => {
  const { ledger, session } = caller;
  await caller.ask("What is the weather in Paris?");
  await ledger.answer(ledger.now);
  const ids = ledger.all("conversation.item.added").map(({ item }) => item.id);
  for (const item_id of ids) session.transport.sendEvent({ type: "conversation.item.delete", item_id });
  await ledger.found("the last deletion", () => ledger.all("conversation.item.deleted").length === ids.length);
  assert.deepEqual(session.history, []);
  await caller.ask("What is the weather in London?");
  assert.match((await ledger.answer(ledger.now)).text, /raining in London/);
  assert.deepEqual(caller.calls, ["Paris", "London"]);
});

export const hand_off = scenario(async (caller) => {
  await caller.ask("Please transfer me to the tutor.");
  await caller.ledger.answer(caller.ledger.now);
  assert.equal(caller.session.currentAgent.name, "Tutor");
  assert.equal(caller.ledger.all("session.updated").at(-1).session.instructions, "You are Tia.");
  assert.match((await caller.ask("What is your name?")).text, /Tia/);
});

export const edit_history = scenario(async (caller) => {
  const user = (itemId, text) => ({
    itemId,
    type: "message",
    role: "user",
    status: "completed",
    content: [{ type: "input_text", text }],
  });
  await caller.ask("My name is Ana.");
  await caller.ask("I live in Oslo.");
  await caller.ask("What is 2 plus 3?");
  caller.session.updateHistory(([name, , , , sum, result]) => [
    user(name.itemId, "My name is Bob."),
    sum,
    result,
    user("pet", "My dog is called Rex."),
  ]);
  const history = await caller.history((items) => items.some(({ itemId }) => itemId === "pet"));
  assert.deepEqual(history.map(words), [
    "My name is Bob.",
    "What is 2 plus 3?",
    "2 plus 3 is 5.",
    "My dog is called Rex.",
  ]);
  assert.match((await caller.ask("What is my name?")).text, /Bob/);
  assert.match((await caller.ask("What is the name of my dog?")).text, /Rex/);
  assert.doesNotMatch((await caller.ask("Where do I live?")).text, /Oslo/);
});
