/** What the ring around the talk button looks like: two facing half-choirs, the left one the user's voice, the right one
 * the answer's. */

/** @typedef {import("../types.js").StateName} StateName */
/** @typedef {import("../types.js").Level} Level */

/**
 * One stroke of the ring.
 *
 * @typedef {object} Tick
 * @property {number} length 0 (at rest) to 1.
 * @property {number} strength 0 (unseen) to 1.
 */

/** Strokes in each half. */
export const HALF = 30;

/** Seconds in which the light of thinking passes over from one half to the other. */
const PASSAGE = 1.1;

/** Half the width of the light that travels, as a share of its way. */
const GLOW = 0.14;

/** How loud voices usually are, on the scale of `Level`: what is below does not show, what is above fills the ring. */
const QUIET = 0.3;
const LOUD = 0.9;

/**
 * The ring at a moment: clockwise from the top, so that the answer's half comes first.
 *
 * @param {StateName} state
 * @param {readonly Level[]} levels Newest first; they travel from the middle of each half to its ends.
 * @param {number} seconds The time, for what moves by itself.
 * @param {boolean} still Whether nothing may move by itself.
 * @returns {Tick[]}
 */
export function ring(state, levels, seconds, still) {
  return Array.from({ length: 2 * HALF }, (_, at) => {
    const side = at < HALF ? "output" : "input";
    const away = Math.abs((at % HALF) - (HALF - 1) / 2) / ((HALF - 1) / 2);
    const level = levels[still ? 0 : Math.round((away * HALF) / 3)]?.[side] ?? 0;
    const loud = Math.max(0, Math.min(1, (level - QUIET) / (LOUD - QUIET)));
    return tick(state, { at, side, away, loud: loud * (1 - 0.6 * away), seconds: still ? null : seconds });
  });
}

/**
 * @typedef {object} Spot
 * @property {number} at Which stroke, clockwise from the top.
 * @property {keyof Level} side
 * @property {number} away From the middle of its half: 0 there, 1 at the top and the bottom.
 * @property {number} loud What is heard there, 0 to 1.
 * @property {number | null} seconds Null when nothing may move by itself.
 */

/**
 * @param {StateName} state
 * @param {Spot} spot
 * @returns {Tick}
 */
function tick(state, { at, side, away, loud, seconds }) {
  const mine = side === "input";
  switch (state) {
    case "idle":
      return { length: 0, strength: 0.3 };
    case "connecting":
      return { length: 0, strength: 0.2 + 0.8 * trail(at / (2 * HALF), seconds === null ? 0.5 : seconds % 1) };
    case "listening":
      return { length: mine ? loud * 0.7 : 0, strength: mine ? 0.75 : 0.22 };
    case "hearing":
      return { length: mine ? 0.12 + loud : 0, strength: mine ? 1 : 0.22 };
    case "thinking":
      return glow(mine ? away / 2 : 1 - away / 2, seconds);
    case "speaking":
      return { length: mine ? loud * 0.5 : 0.12 + loud, strength: mine ? 0.3 : 1 };
    case "interrupted":
      return { length: mine ? 0.12 + loud : 0, strength: mine ? 1 : away < 0.5 ? 0 : 0.3 };
    case "reconnecting":
      return { length: 0, strength: (at + Math.floor((seconds ?? 0) * 8)) % 6 < 3 ? 0.9 : 0.12 };
    case "failed":
      return { length: 0, strength: away > 0.86 ? 0 : 0.8 };
  }
}

/**
 * A light with a tail, on its way around.
 *
 * @param {number} at 0 to 1.
 * @param {number} head Where its head is, 0 to 1.
 */
function trail(at, head) {
  return Math.max(0, 1 - ((head - at + 1) % 1) * 2);
}

/**
 * A light that passes from the user's half to the answer's.
 *
 * @param {number} way How far along the stroke is: 0 in the middle of the left half, 1 in the middle of the right one.
 * @param {number | null} seconds
 * @returns {Tick}
 */
function glow(way, seconds) {
  const head = seconds === null ? 0.5 : ((seconds % PASSAGE) / PASSAGE) * (1 + 4 * GLOW) - 2 * GLOW;
  const light = Math.exp(-(((way - head) / GLOW) ** 2));
  return { length: 0.35 * light, strength: 0.22 + 0.78 * light };
}
