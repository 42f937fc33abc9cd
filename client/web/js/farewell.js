/** What the end of a connection means: try again, or tell the user why not. */

/** @typedef {import("./types.js").FailureReason} FailureReason */

/** @type {Record<number, FailureReason>} Close codes after which trying again is of no use. */
const FINAL = {
  1000: "server-gone",
  1002: "not-understood",
  1003: "not-understood",
  1007: "not-understood",
  3000: "bad-key",
  4000: "not-understood",
  4001: "elsewhere",
};

/** @type {Record<string, FailureReason>} Reasons, or codes of error events, that say it better. */
const NAMED = {
  "invalid_request_error.origin_not_allowed": "wrong-origin",
  origin_not_allowed: "wrong-origin",
  invalid_api_key: "bad-key",
  session_expired: "session-expired",
  model_not_found: "no-model",
};

/** Milliseconds between two attempts: at first, and at most. */
const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 8000;

/**
 * @param {number} code Of the close frame.
 * @param {string} reason
 * @returns {FailureReason | null} Null where it is worth trying again.
 */
export function verdict(code, reason) {
  return NAMED[reason] ?? FINAL[code] ?? null;
}

/**
 * How long to wait before the next attempt: doubled each time, and never quite the same, so that a server that comes
 * back is not met by all its clients at once.
 *
 * @param {number} attempts Those that have failed, 0 after a connection that was good.
 * @param {number} random 0 to 1
 * @returns {number} Milliseconds
 */
export function pause(attempts, random) {
  return Math.min(FIRST_PAUSE * 2 ** attempts, LONGEST_PAUSE) * (0.5 + random / 2);
}
