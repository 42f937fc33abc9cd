/** Numbers as people read them. */

/** @typedef {import("../view/words.js").Words} Words */

/**
 * A share as a percentage: whole, but never 100 % unless it is all of it.
 *
 * @param {number} part
 * @param {number} of
 */
export function percent(part, of) {
  const share = (100 * part) / of;
  return `${part < of && share > 99 ? Math.floor(share * 10) / 10 : Math.round(share)} %`;
}

/**
 * Dollars: small sums with what matters of them.
 *
 * @param {number} usd
 */
export function dollars(usd) {
  if (usd === 0) return "$0";
  return `$${usd < 0.01 ? usd.toPrecision(2) : usd.toFixed(2)}`;
}

/**
 * A count with a space between thousands: "12 345".
 *
 * @param {number} n
 */
export function count(n) {
  return String(n).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/**
 * How long ago, or how long: "8 s", "3 min", "2 h".
 *
 * @param {number} seconds
 * @param {Words} words
 */
export function span(seconds, words) {
  if (seconds < 60) return words.say("unit.s", { n: Math.max(0, Math.round(seconds)) });
  if (seconds < 3600) return words.say("unit.min", { n: Math.round(seconds / 60) });
  return words.say("unit.h", { n: Math.round(seconds / 360) / 10 });
}

/**
 * How often each of the words is there, the most frequent first.
 *
 * @template {string} Word
 * @param {readonly Word[]} words
 * @returns {[Word, number][]}
 */
export function tally(words) {
  const counts = /** @type {Map<Word, number>} */ (new Map());
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one);
}

/**
 * Where a bar ends that must hold most of the turns, and the deadline: a single slow one makes not all others small.
 *
 * @param {readonly number[]} totals Milliseconds.
 * @param {number} deadline Milliseconds.
 */
export function reach(totals, deadline) {
  const sorted = [...totals].sort((one, other) => one - other);
  const most = sorted[Math.ceil(0.9 * sorted.length) - 1] ?? 0;
  return Math.max(most * 1.1, deadline * 1.4);
}
