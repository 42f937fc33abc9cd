/** What a call is doing, as one word: derived from what happened, never set. */

/**
 * Everything the word depends on.
 *
 * @typedef {object} Facts
 * @property {"idle" | "connecting" | "live" | "reconnecting" | "failed"} line
 * @property {import("./types.js").FailureReason} [reason]
 * @property {boolean} voice The user is speaking.
 * @property {boolean} owed The user has finished and waits for an answer.
 * @property {boolean} answer A response is under way.
 * @property {boolean} coming Sound of an answer has come, and is about to be heard.
 * @property {boolean} sound An answer is being heard.
 * @property {boolean} cut An answer has just been interrupted.
 */

/**
 * What can happen: to the line (`start`, `open`, `lost`, `stop`; `forgotten` if the server does not know us any more),
 * to the user's voice (`speech`, `quiet`), to the question (`asked`, `nothing-said`), to the answer (`response`,
 * `response-over`), to its sound (`sound-coming`, `sound`, `silence`, `cut`, and `cut-over` a moment later).
 *
 * @typedef {"start" | "open" | "lost" | "stop" | "forgotten" | "speech" | "quiet" | "asked" | "nothing-said" |
 *   "response" | "response-over" | "sound-coming" | "sound" | "silence" | "cut" | "cut-over"} Happening
 */

const NOTHING = { voice: false, owed: false, answer: false, coming: false, sound: false, cut: false };

/** @type {Readonly<Facts>} */
export const BEFORE = { line: "idle", ...NOTHING };

/** @type {Record<Happening, Partial<Facts>>} */
const CHANGES = {
  start: { line: "connecting", ...NOTHING, reason: undefined },
  open: { line: "live" },
  lost: { line: "reconnecting" },
  forgotten: { voice: false, owed: false, answer: false },
  stop: { line: "idle", ...NOTHING },
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
  if (facts.line !== "live") {
    return facts.reason ? { state: facts.line, reason: facts.reason } : { state: /** @type {any} */ (facts.line) };
  }
  if (facts.cut) {
    return { state: "interrupted" };
  }
  if (facts.voice) {
    return { state: "hearing" };
  }
  if (facts.sound) {
    return { state: "speaking" };
  }
  return { state: facts.owed || facts.answer || facts.coming ? "thinking" : "listening" };
}
