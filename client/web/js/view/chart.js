/** All turns as a picture: the first word and the first sound of each, and where most of them lie. */

import { svg } from "./dom.js";
import { DEADLINE, firstWord, summary } from "./statistics.js";

/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("./statistics.js").Summary} Summary */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

const WIDTH = 344;
const HEIGHT = 150;
const LEFT = 4;
const RIGHT = 48;
const TOP = 12;
const BOTTOM = 8;

/** Turns that fit in; older ones are in the figures only. */
export const SHOWN = 40;

/**
 * @param {readonly Turn[]} turns
 * @param {string} chosen Id of the turn that is shown in detail.
 * @param {Words} words
 * @param {(id: string) => void} onChoose
 */
export function chart(turns, chosen, words, onChoose) {
  const shown = turns.slice(-SHOWN);
  const times = shown.flatMap((turn) => [firstWord(turn), turn.earToEar]).filter((time) => time !== null);
  const top = Math.max(DEADLINE * 1.25, ...times) * 1.05;
  const step = (WIDTH - LEFT - RIGHT) / Math.max(shown.length, 8);
  const y = (/** @type {number} */ ms) => TOP + (1 - ms / top) * (HEIGHT - TOP - BOTTOM);
  const x = (/** @type {number} */ at) => LEFT + (at + 0.5) * step;
  return svg(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": describe(turns, words) },
    ...lines(turns, y, words),
    ...shown.map((turn, at) => mark(turn, { x: x(at), y, step, chosen: turn.id === chosen, onChoose })),
  );
}

/**
 * The same in words.
 *
 * @param {readonly Turn[]} turns
 * @param {Words} words
 */
function describe(turns, words) {
  const told = series(turns).flatMap(({ name, figures }) => {
    if (!figures) return [];
    const { p50, p95, within } = figures;
    const values = { p50: words.duration(p50), p95: words.duration(p95), share: percent(within) };
    return [words.say("timing.seriesSummary", { name: words.say(name), ...values })];
  });
  return [words.say("timing.chart", { n: turns.length }), ...told].join(" ");
}

/**
 * The two things that are measured of every turn, summed up.
 *
 * @param {readonly Turn[]} turns
 * @returns {{ name: Key, kind: string, figures: Summary | null }[]}
 */
export function series(turns) {
  return [
    { name: "timing.series.token", kind: "word", figures: summary(turns.map(firstWord)) },
    { name: "timing.series.ear", kind: "sound", figures: summary(turns.map(({ earToEar }) => earToEar)) },
  ];
}

/** @param {number} share 0 to 1. */
export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/** Units of the drawing between two labels that can both be read. */
const APART = 11;

/**
 * The ground, the deadline, and where half, and all but a twentieth, of the first sounds are in time.
 *
 * @param {readonly Turn[]} turns
 * @param {(ms: number) => number} y
 * @param {Words} words
 */
function lines(turns, y, words) {
  const sounds = series(turns)[1]?.figures;
  const known = sounds && sounds.n > 1; // one turn has no distribution
  const wanted = [
    { kind: "grid", at: y(0), label: words.short(0) },
    { kind: "deadline", at: y(DEADLINE), label: words.say("timing.deadline") },
    ...(known ? [{ kind: "p50", at: y(sounds.p50), label: words.say("timing.p50") }] : []),
    ...(known ? [{ kind: "p95", at: y(sounds.p95), label: words.say("timing.p95") }] : []),
  ];
  wanted.sort((a, b) => b.at - a.at);
  const places = spread(
    wanted.map(({ at }) => at),
    APART,
  );
  return wanted.map(({ kind, at, label }, index) => line(kind, at, label, places[index] ?? at));
}

/**
 * The same places, upwards, but none closer than `apart` to the one below it.
 *
 * @param {readonly number[]} places Falling: the y axis of a drawing points down.
 * @param {number} apart
 */
export function spread(places, apart) {
  let below = Infinity;
  return places.map((place) => (below = Math.min(place, below - apart)));
}

/**
 * @param {string} kind
 * @param {number} at
 * @param {string} label
 * @param {number} labelAt
 */
function line(kind, at, label, labelAt) {
  return svg(
    "g",
    { class: kind },
    svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }),
    svg("text", { x: WIDTH - RIGHT + 6, y: labelAt, dy: "0.35em" }, label),
  );
}

/**
 * @typedef {object} Place
 * @property {number} x
 * @property {(ms: number) => number} y
 * @property {number} step
 * @property {boolean} chosen
 * @property {(id: string) => void} onChoose
 */

/**
 * A turn: a dot for its first word, a ring for its first sound, and a stem between them.
 *
 * @param {Turn} turn
 * @param {Place} place
 */
function mark(turn, { x, y, step, chosen, onChoose }) {
  const word = firstWord(turn);
  const sound = turn.earToEar;
  const radius = Math.min(3.2, step / 2.6);
  const late = word !== null && word > DEADLINE ? " late" : "";
  return svg(
    "g",
    { class: `turn${chosen ? " chosen" : ""}${late}`, click: () => onChoose(turn.id) },
    svg("rect", { class: "reach", x: x - step / 2, width: step, y: 0, height: HEIGHT }),
    word !== null && sound !== null && svg("line", { class: "stem", x1: x, x2: x, y1: y(word), y2: y(sound) }),
    word !== null && svg("circle", { class: "word", cx: x, cy: y(word), r: radius }),
    sound !== null && svg("circle", { class: "sound", cx: x, cy: y(sound), r: radius }),
  );
}
