/** What a call is doing, as one word: derived from what happened, never set. */

/**
 * Everything the word depends on.
 *
 * @typedef {object} Facts
 * @property {"idle" | "connecting" | "live" | "reconnecting" | "failed"} line
 * @property {import("./types.js").FailureReason} [reason]
 * @property {boolean} typing There is no microphone: the user can only type.
 * @property {boolean} voice The user is speaking.
 * @property {boolean} owed The user has finished and waits for an answer.
 * @property {boolean} answer A response is under way.
 * @property {boolean} coming Sound of an answer has come, and is about to be heard.
 * @property {boolean} sound An answer is being heard.
 * @property {boolean} cut An answer has just been interrupted.
 */

/**
 * What can happen: to the line (`start`, or `start-typing` without a microphone, `open`, `lost`, `stop`; `forgotten` if
 * the server does not know us any more), to the microphone (`found`, `gone`), to the user's voice (`speech`, `quiet`),
 * to the question (`asked`, `nothing-said`), to the answer (`response`, `response-over`), to its sound (`sound-coming`,
 * `sound`, `silence`, `cut`, and `cut-over` a moment later).
 *
 * @typedef {"start" | "start-typing" | "open" | "lost" | "stop" | "forgotten" | "found" | "gone" | "speech" | "quiet" |
 *   "asked" | "nothing-said" | "response" | "response-over" | "sound-coming" | "sound" | "silence" | "cut" | "cut-over"
 * } Happening
 */

const NOTHING = { typing: false, voice: false, owed: false, answer: false, coming: false, sound: false, cut: false };

/** @type {Readonly<Facts>} */
export const BEFORE = { line: "idle", ...NOTHING };

/** @type {Record<Happening, Partial<Facts>>} */
const CHANGES = {
  start: { line: "connecting", ...NOTHING, reason: undefined },
  "start-typing": { line: "connecting", ...NOTHING, typing: true, reason: undefined },
  open: { line: "live" },
  lost: { line: "reconnecting" },
  forgotten: { voice: false, owed: false, answer: false },
  stop: { line: "idle", ...NOTHING },
  found: { typing: false },
  gone: { typing: true, voice: false },
  speech: { voice: true, owed: false },
  quiet: { voice: false },
  asked: { voice: false, owed: true },
  "nothing-said": { owed: false },
  response: { answer: true, owed: false },
  "response-over": { answer: false },
  "sound-coming": { coming: true },
  sound: { coming: false, sound: true, cut: false },
  silence: { sound: false },
  cut: { coming: false, sound: false, cut: true },
  "cut-over": { cut: false },
};

/**
 * The facts after something has happened.
 *
 * @param {Facts} facts
 * @param {Happening} happening
 * @returns {Facts}
 */
export function after(facts, happening) {
  return { ...facts, ...CHANGES[happening] };
}

/**
 * The call is over, for this reason.
 *
 * @param {import("./types.js").FailureReason} reason
 * @returns {Facts}
 */
export function failed(reason) {
  return { line: "failed", ...NOTHING, reason };
}

/**
 * @param {Facts} facts
 * @returns {import("./types.js").State}
 */
export function stateOf(facts) {
  const { reason, typing } = facts;
  return { state: nameOf(facts), ...(reason && { reason }), ...(typing && { typing }) };
}

/**
 * @param {Facts} facts
 * @returns {import("./types.js").StateName}
 */
function nameOf({ line, cut, voice, sound, owed, answer, coming }) {
  if (line !== "live") {
    return line;
  }
  if (cut) {
    return "interrupted";
  }
  if (voice) {
    return "hearing";
  }
  if (sound) {
    return "speaking";
  }
  return owed || answer || coming ? "thinking" : "listening";
}

/** What has happened to one call after another; tells whenever that makes for another state. */
export class Progress {
  facts = BEFORE;
  #tell;

  /** @param {(state: import("./types.js").State) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {Happening} happening */
  happen(happening) {
    this.#become(after(this.facts, happening));
  }

  /** @param {import("./types.js").FailureReason} reason */
  fail(reason) {
    this.#become(failed(reason));
  }

  /** @param {Facts} facts */
  #become(facts) {
    const [before, now] = [stateOf(this.facts), stateOf(facts)];
    this.facts = facts;
    if (now.state !== before.state || now.reason !== before.reason || now.typing !== before.typing) {
      this.#tell(now);
    }
  }
}
