/** One turn as a picture: its parts one below the other, against the line by which the first word is due. */

import { html, svg } from "./dom.js";
import { DEADLINE } from "./statistics.js";

/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("../types.js").Part} Part */
/** @typedef {import("../types.js").PartName} PartName */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

/** @typedef {"way" | "hear" | "think" | "speak" | "wait" | "unknown"} Kind What a part is about: how its bar looks. */

/** @type {Record<PartName, Kind>} */
export const KINDS = {
  microphone: "way",
  upload: "way",
  pause: "wait",
  asr: "hear",
  choose: "think",
  ask: "think",
  llm: "think",
  clause: "think",
  queue: "speak",
  tts: "speak",
  floor: "wait",
  send: "way",
  download: "way",
  buffer: "way",
  output: "way",
  unexplained: "unknown",
};

/** Sizes in units of the drawing, which is this wide whatever the panel is: it is scaled. */
const WIDTH = 344;
const LABELS = 118;
const FIGURES = 52;
const ROW = 21;
const TOP = 26;
const BAR = 9;

/** Parts of fewer milliseconds have no row of their own: they are told together. The table has them all. */
const VISIBLE = 3;

/**
 * @typedef {object} Scale
 * @property {number[]} marks Milliseconds at which there is a line.
 * @property {(ms: number) => number} x
 */

/**
 * An axis on which there is room for `total`, and for the deadline.
 *
 * @param {number} total Milliseconds.
 * @returns {Scale}
 */
export function scale(total) {
  const end = Math.max(total, DEADLINE) * 1.04;
  const step = [200, 500, 1000, 2000, 5000, 10_000].find((size) => end / size <= 5) ?? 30_000;
  const marks = Array.from({ length: Math.floor(end / step) + 1 }, (_, at) => at * step);
  const wide = WIDTH - LABELS - FIGURES;
  return { marks, x: (ms) => LABELS + (Math.max(0, Math.min(ms, end)) / end) * wide };
}

/**
 * The parts that have a row: all that matter, and what is unexplained even if it is nothing.
 *
 * @param {readonly Part[]} parts
 */
export function rows(parts) {
  return parts.filter(({ name, ms }) => Math.abs(ms) >= VISIBLE || name === "unexplained");
}

/**
 * Milliseconds of the parts that have none, together.
 *
 * @param {readonly Part[]} parts
 */
export function small(parts) {
  const shown = rows(parts);
  return parts.filter((part) => !shown.includes(part)).reduce((sum, { ms }) => sum + ms, 0);
}

/**
 * @param {Turn} turn One of which the parts are known.
 * @param {Words} words
 */
export function waterfall(turn, words) {
  const place = scale(turn.earToEar ?? 0);
  const shown = rows(turn.parts);
  const height = TOP + shown.length * ROW + 4;
  return svg(
    "svg",
    { class: "waterfall", viewBox: `0 0 ${WIDTH} ${height}`, role: "img", "aria-label": describe(turn, words) },
    stripes(),
    ...axis(place, height, words),
    ...shown.map((part, at) => row(part, TOP + (at + 0.5) * ROW, place, words)),
    deadline(place, height, words),
  );
}

/**
 * The same in words.
 *
 * @param {Turn} turn
 * @param {Words} words
 */
function describe(turn, words) {
  const told = rows(turn.parts).map(({ name, ms }) => `${words.say(`part.${name}`)} ${words.duration(ms)}`);
  return words.say("timing.summary", { total: words.duration(turn.earToEar ?? 0), parts: told.join(", ") });
}

/**
 * The same as a table, with every part.
 *
 * @param {Turn} turn
 * @param {Words} words
 */
export function table(turn, words) {
  const columns = /** @type {const} */ (["timing.part", "timing.from", "timing.took"]);
  const head = columns.map((key) => html("th", { scope: "col" }, words.say(key)));
  const body = turn.parts.map(({ name, from, ms }) => {
    const figures = [from, ms].map((figure) => html("td", {}, figure.toFixed(1)));
    return html("tr", {}, html("th", { scope: "row" }, words.say(`part.${name}`)), ...figures);
  });
  return html("table", { class: "table" }, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...body));
}

/**
 * @param {Part} part
 * @param {number} y Of its middle.
 * @param {Scale} place
 * @param {Words} words
 */
function row({ name, from, ms }, y, place, words) {
  const [left, right] = [place.x(Math.min(from, from + ms)), place.x(Math.max(from, from + ms))];
  const bar = {
    x: left.toFixed(1),
    width: Math.max(1.5, right - left).toFixed(1),
    y: y - BAR / 2,
    height: BAR,
    rx: 1.5,
  };
  return svg(
    "g",
    {},
    svg("text", { class: "label", x: 0, y, dy: "0.35em" }, words.say(`part.${name}`)),
    svg("line", { class: "lead", x1: LABELS, x2: left, y1: y, y2: y }),
    svg("rect", { class: `part ${KINDS[name]}`, ...bar }),
    svg("text", { class: "figure", x: WIDTH, y, dy: "0.35em" }, words.duration(ms)),
  );
}

/**
 * @param {Scale} place
 * @param {number} height
 * @param {Words} words
 */
function axis(place, height, words) {
  return place.marks.flatMap((ms) => {
    const x = place.x(ms);
    const line = svg("line", { class: "grid", x1: x, x2: x, y1: TOP - 4, y2: height });
    const hidden = Math.abs(x - place.x(DEADLINE)) < 28; // the deadline's own label is there
    return hidden ? [line] : [line, svg("text", { class: "at", x, y: 12 }, words.short(ms))];
  });
}

/**
 * @param {Scale} place
 * @param {number} height
 * @param {Words} words
 */
function deadline(place, height, words) {
  const x = place.x(DEADLINE);
  const line = svg("line", { x1: x, x2: x, y1: TOP - 8, y2: height });
  return svg("g", { class: "deadline" }, line, svg("text", { x, y: 12 }, words.say("timing.deadline")));
}

/** For time in which nothing is made: it only passes. */
function stripes() {
  const size = { width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  return svg(
    "defs",
    {},
    svg("pattern", { id: "stripes", ...size }, svg("line", { class: "stripe", x1: 1, x2: 1, y1: 0, y2: 4 })),
  );
}
