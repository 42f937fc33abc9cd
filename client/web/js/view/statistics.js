/** What many turns say together. */

/** @typedef {import("../types.js").Turn} Turn */

/** The first word is due this many ms after the last voiced sample. */
export const DEADLINE = 600;

/**
 * @typedef {object} Summary
 * @property {number} n
 * @property {number} p50
 * @property {number} p95
 * @property {number} within Share within the deadline, 0 to 1.
 */

/**
 * Milliseconds until the model's first word; null where there was none.
 *
 * @param {Turn} turn
 */
export function firstWord(turn) {
  return turn.marks["llm_first_token"] ?? null;
}

/**
 * The value below which a share `q` of the values lies, interpolated between its neighbours.
 *
 * @param {readonly number[]} values At least one.
 * @param {number} q 0 to 1.
 */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at % 1);
}

/**
 * Null when there is nothing to sum up.
 *
 * @param {readonly (number | null)[]} times Milliseconds; null for turns that got nowhere.
 * @returns {Summary | null}
 */
export function summary(times) {
  const known = times.filter((time) => time !== null);
  if (known.length === 0) return null;
  const within = known.filter((time) => time <= DEADLINE).length / known.length;
  return { n: known.length, p50: quantile(known, 0.5), p95: quantile(known, 0.95), within };
}
