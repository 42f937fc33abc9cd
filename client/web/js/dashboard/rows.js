/** The latest turns, one below the other: when, what their first sound waited for, and what came of them. */

import { html, icon, svg } from "../view/dom.js";
import { KINDS } from "../view/waterfall.js";
import { reach } from "./figures.js";

/** @typedef {import("./types.js").ToldTurn} ToldTurn */
/** @typedef {import("../view/words.js").Words} Words */

/** The bar's own units; it is as wide as there is room. */
const WIDTH = 1000;
const HEIGHT = 12;

/**
 * @param {readonly ToldTurn[]} turns
 * @param {{ deadline: number, chosen: string, choose: (id: string) => void }} how
 * @param {Words} words
 */
export function rows(turns, how, words) {
  const end = reach(turns.map(total), how.deadline);
  return turns.map((turn) => row(turn, { ...how, end }, words));
}

/**
 * What the colours of the bars stand for.
 *
 * @param {Words} words
 */
export function legend(words) {
  const kinds = /** @type {const} */ (["wait", "hear", "think", "speak"]);
  return kinds.map((kind) => {
    const sample = svg("rect", { class: `part ${kind}`, width: 10, height: 10, rx: 2 });
    const swatch = svg("svg", { class: "strip", viewBox: "0 0 10 10", "aria-hidden": "true" }, sample);
    return html("span", {}, swatch, words.say(`board.legend.${kind}`));
  });
}

/** @param {ToldTurn} turn */
function total(turn) {
  return turn.first_sound_ms ?? turn.first_token_ms ?? 0;
}

/**
 * @param {ToldTurn} turn
 * @param {{ deadline: number, chosen: string, choose: (id: string) => void, end: number }} how
 * @param {Words} words
 */
function row(turn, { deadline, chosen, choose, end }, words) {
  const verdict = fate(turn);
  const first = turn.first_token_ms;
  const attributes = {
    class: "row",
    type: "button",
    "data-id": turn.id,
    "data-fate": verdict,
    "aria-pressed": String(turn.id === chosen),
    click: () => choose(turn.id),
  };
  const button = html(
    "button",
    attributes,
    html("span", { class: "when" }, new Date(1000 * turn.at).toLocaleTimeString(words.language, { hourCycle: "h23" })),
    bar(turn, deadline, end),
    html("span", { class: "first" }, first === null ? "–" : words.duration(first)),
    html("span", { class: "who" }, turn.model || words.say("board.nobody")),
    html("span", { class: "fate" }, icon(ICONS[verdict]), told(turn, verdict, words)),
  );
  return html("li", {}, button);
}

/** @typedef {"good" | "late" | "cut" | "failed"} Fate What is to be seen at a glance. */

/** @type {Record<Fate, string>} */
const ICONS = { good: "check", late: "clock", cut: "cut", failed: "alert" };

/**
 * @param {ToldTurn} turn
 * @returns {Fate}
 */
export function fate(turn) {
  if (turn.outcome === "failed") return "failed";
  if (turn.in_time === false) return "late";
  return turn.outcome === "completed" ? "good" : "cut";
}

/**
 * @param {ToldTurn} turn
 * @param {Fate} verdict
 * @param {Words} words
 */
function told(turn, verdict, words) {
  if (verdict === "late" && turn.blamed) return words.say(`part.${turn.blamed}`);
  if (turn.interruption) return words.say(`board.${turn.interruption}`);
  if (verdict === "failed") return words.sayOf("board.fault", turn.fault, "timing.outcome.failed");
  return words.say(`timing.outcome.${turn.outcome}`);
}

/**
 * @param {ToldTurn} turn
 * @param {number} deadline
 * @param {number} end Milliseconds that are as long as the bar.
 */
function bar(turn, deadline, end) {
  const x = (/** @type {number} */ ms) => (Math.min(ms, end) / end) * WIDTH;
  const parts = turn.parts.map(({ name, from, ms }) => {
    const width = x(from + ms) - x(from);
    return svg("rect", { class: `part ${KINDS[name]}`, x: x(from).toFixed(1), width: width.toFixed(1), height: HEIGHT });
  });
  const line = svg("line", { class: "due", x1: x(deadline), x2: x(deadline), y1: -3, y2: HEIGHT + 3 });
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  return svg("svg", { class: "strip", ...box }, ...parts, line);
}
