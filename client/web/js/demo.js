/**
 * A call that needs no server and no microphone: it plays a short scene, or holds one of the states for a look at it.
 * `?demo` plays, `?demo=speaking` and `?demo=listening.typing` hold, `?demo=failed.bad-key` fails.
 */

/** @typedef {import("./types.js").CallEvents} CallEvents */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").PartName} PartName */
/** @typedef {import("./types.js").State} State */
/** @typedef {import("./types.js").Turn} Turn */

/** @typedef {{ [Type in keyof CallEvents]: [number, Type, CallEvents[Type]] }[keyof CallEvents]} Step Seconds, and what comes then. */

const STORY =
  "A lighthouse keeper fell in love with a ship that passed each night. One evening he let the lamp go dark, so that it would stop.";

/** What has been said before the scene. @type {[Item["role"], string, (string | null)?][]} */
const SAID = [
  ["user", "what is an antiphon"],
  ["assistant", "A response, sung in answer: one choir begins, and the other one replies. You speak, and I do."],
  ["user", "tell me a very short story"],
  ["assistant", STORY, "A lighthouse keeper fell in love with a ship"],
  ["user", "wait what was its name"],
  ["assistant", "She was called the Evening Star, and she carried oranges."],
];

/** @type {PartName[]} */
const PARTS = /** @type {any} */ (
  "microphone upload pause asr choose ask llm clause queue tts floor send download unexplained buffer output".split(" ")
);

/** Milliseconds of each, by turn. */
const SPENT = [
  [21, 1, 80, 35, 1, 2, 182, 64, 1, 78, 0, 1, 1, 2, 22, 30],
  [23, 1, 80, 120, 1, 2, 466, 71, 1, 84, 0, 1, 1, 3, 22, 30],
  [20, 1, 80, 41, 1, 2, 151, 40, 1, 80, 92, 1, 1, 0, 24, 30],
];

/** The scene that `?demo` plays. @type {Step[]} */
const SCENE = [
  [0, "state", { state: "connecting" }],
  [0.9, "state", { state: "listening" }],
  [2.2, "state", { state: "hearing" }],
  [2.6, "partial", { id: "u9", text: "what" }],
  [3, "partial", { id: "u9", text: "what is twelve" }],
  [3.5, "partial", { id: "u9", text: "what is twelve times seven" }],
  [3.9, "state", { state: "thinking" }],
  [3.95, "item", item("u9", "user", "what is twelve times seven")],
  [4.5, "state", { state: "speaking" }],
  [4.5, "item", { ...item("a9", "assistant", "Twelve times seven"), final: false, after: "u9" }],
  [4.9, "item", { ...item("a9", "assistant", "Twelve times seven is eighty-four."), after: "u9" }],
  [4.9, "turn", turn("a9", 0)],
  [7.5, "state", { state: "listening" }],
];

export class DemoCall {
  /** @type {Map<keyof CallEvents, ((event: never) => void)[]>} */
  #listeners = new Map();

  /** @type {ReturnType<typeof setTimeout>[]} */
  #timers = [];

  #scene;
  #typed = 0;

  /** @param {string} scene The state to hold; empty to play. */
  constructor(scene) {
    this.#scene = scene;
  }

  /**
   * @template {keyof CallEvents} Type
   * @param {Type} type
   * @param {(event: CallEvents[Type]) => void} listener
   */
  on(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  async start() {
    const steps = this.#scene ? held(this.#scene) : SCENE;
    for (const step of steps) this.#after(step[0], () => this.#emit(step[1], step[2]));
    this.#hum();
  }

  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#emit("state", { state: "idle" });
  }

  /** @param {string} text */
  sendText(text) {
    const id = `t${(this.#typed += 1)}`;
    this.#emit("item", { ...item(id, "user", text), spoken: false, after: null });
  }

  interrupt() {
    this.#emit("state", { state: "listening" });
  }

  async listen() {
    this.#emit("state", { state: "listening" });
  }

  setMuted() {}
  configure() {}

  /** @param {boolean} down */
  pushToTalk(down) {
    this.#emit("state", { state: down ? "hearing" : "thinking" });
  }

  /** Levels as of somebody who speaks. */
  #hum() {
    const now = performance.now() / 1000;
    const input = 0.55 + 0.3 * Math.sin(now * 7) * Math.sin(now * 2.3);
    const output = 0.55 + 0.3 * Math.sin(now * 8.3) * Math.sin(now * 3.1);
    this.#emit("level", this.#scene === "speaking" ? { input: 0.2, output } : { input, output: 0 });
    this.#after(0.05, () => this.#hum());
  }

  /**
   * @param {number} seconds
   * @param {() => void} act
   */
  #after(seconds, act) {
    this.#timers.push(setTimeout(act, seconds * 1000));
  }

  /**
   * @template {keyof CallEvents} Type
   * @param {Type} type
   * @param {CallEvents[Type]} event
   */
  #emit(type, event) {
    for (const listener of this.#listeners.get(type) ?? []) listener(/** @type {never} */ (event));
  }
}

/**
 * A conversation that has been going on for a while, in one of its states.
 *
 * @param {string} scene
 * @returns {Step[]}
 */
function held(scene) {
  const [name, reason] = scene.split(".");
  const state = /** @type {State} */ (reason === "typing" ? { state: name, typing: true } : { state: name, reason });
  const said = SAID.map(([role, text, heard = null], at) => ({
    ...item(`i${at}`, role, text),
    heard,
    after: at ? `i${at - 1}` : null,
  }));
  const before = ["idle", "connecting", "failed"].includes(state.state) ? [] : said;
  const turns = before.flatMap(({ id, role }, at) => (role === "assistant" ? [turn(id, (at - 1) / 2)] : []));
  return [
    [0, "state", { state: "connecting" }],
    ...before.map((one) => /** @type {Step} */ ([0, "item", one])),
    ...turns.map((one) => /** @type {Step} */ ([0, "turn", one])),
    ...(state.state === "hearing"
      ? [/** @type {Step} */ ([0, "partial", { id: "u9", text: "and where was she" }])]
      : []),
    [0, "state", state],
  ];
}

/**
 * @param {string} id
 * @param {Item["role"]} role
 * @param {string} text
 * @returns {Item}
 */
function item(id, role, text) {
  return { id, role, text, heard: null, spoken: true, final: true, after: null };
}

/**
 * @param {string} answer
 * @param {number} at Which of `SPENT`.
 * @returns {Turn}
 */
function turn(answer, at) {
  /** @type {Part[]} */
  const parts = [];
  for (const [index, name] of PARTS.entries()) {
    const before = parts.at(-1);
    parts.push({ name, from: before ? before.from + before.ms : 0, ms: SPENT[at]?.[index] ?? 0 });
  }
  const last = parts.at(-1);
  const word = parts.find(({ name }) => name === "clause")?.from ?? 0;
  return {
    id: `turn-${answer}`,
    question: null,
    answer,
    status: at === 1 ? "cancelled" : "completed",
    why: at === 1 ? "turn_detected" : null,
    earToEar: last ? last.from + last.ms : null,
    network: 2,
    parts,
    marks: { speech_end: 0, paused: 80, llm_first_token: word },
    page: { spoken: 0, sent: 21, received: 480, rendered: 500, heard: 530 },
    engines: { asr: "faster-whisper base", llm: "qwen3:4b", tts: "edge-tts" },
    choice: {
      model: "qwen3:4b",
      why: "best for a fact of those in time",
      kind: "fact",
      time_left_ms: 482,
      asked: at === 1 ? ["gpt-4.1-mini", "qwen3:4b"] : ["qwen3:4b"],
      failures: 0,
      wasted_tokens: at === 1 ? 3 : 0,
      saved_ms: at === 1 ? 240 : 0,
      cost_usd: at === 1 ? 0.00042 : 0,
    },
    usage: { input_tokens: 412 + 40 * at, output_tokens: 22, input_token_details: { cached_tokens: 380 } },
  };
}
