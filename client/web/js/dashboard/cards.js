/** The tiles and tables of the dashboard: each a function from the report to elements. */

import { html } from "../view/dom.js";
import { count, dollars, percent, span, tally } from "./figures.js";

/** @typedef {import("./types.js").Report} Report */
/** @typedef {import("./types.js").Summary} Summary */
/** @typedef {import("./types.js").ToldModel} ToldModel */
/** @typedef {import("../view/words.js").Words} Words */
/** @typedef {import("../view/words.js").Key} Key */

/** Milliseconds of lag at the 99th percentile from which something blocks the loop. */
const SLUGGISH = 50;

/** Share of a budget from which it is close to its end, and of turns in time that is the objective. */
const CLOSE = 0.8;
const OBJECTIVE = 0.99;

/**
 * @param {Report} report
 * @param {Words} words
 */
export function tiles({ totals, sessions, lag_ms: lag, deadline_ms: deadline }, words) {
  const { due, in_time: kept, first_token_ms: token, first_sound_ms: sound } = totals;
  const states = Object.entries(sessions.by_state).filter(([, n]) => n > 0);
  const open = states.reduce((sum, [, n]) => sum + n, 0);
  const doing = states.map(([state, n]) => `${n} ${words.sayOf("board.state", state, "board.state.listening")}`);
  const all = totals.tokens + totals.wasted_tokens;
  const wasted = totals.wasted_tokens ? words.say("board.wasted", { share: percent(totals.wasted_tokens, all) }) : "";
  return [
    tile(words.say("board.inTime"), due ? percent(kept, due) : "–", {
      note: due ? words.say("board.inTimeOf", { n: kept, of: due, ms: words.duration(deadline) }) : "",
      bad: due > 0 && kept / due < OBJECTIVE,
    }),
    tile(words.say("timing.series.token"), ...timed(token, words)),
    tile(words.say("timing.series.ear"), ...timed(sound, words)),
    tile(words.say("board.sessions"), String(open), { note: doing.join(", ") || words.say("board.nobodyThere") }),
    tile(words.say("board.lag"), lag ? words.duration(lag.p99) : "–", {
      note: lag ? words.say("board.lagMost", { ms: words.duration(lag.most) }) : "",
      bad: lag !== null && lag.p99 > SLUGGISH,
    }),
    tile(words.say("timing.cost"), dollars(totals.cost_usd), {
      note: [words.say("board.tokens", { n: count(totals.tokens) }), wasted].filter(Boolean).join(", "),
    }),
  ];
}

/**
 * @param {Summary | null} summary
 * @param {Words} words
 * @returns {[string, { note: string }]}
 */
function timed(summary, words) {
  if (!summary) return ["–", { note: "" }];
  const { p50, p95, p99 } = summary;
  return [words.duration(p50), { note: `p95 ${words.duration(p95)}, p99 ${words.duration(p99)}` }];
}

/**
 * @param {string} title
 * @param {string} figure
 * @param {{ note: string, bad?: boolean }} more
 */
function tile(title, figure, { note, bad = false }) {
  return html(
    "div",
    { class: "tile panel", "data-bad": bad },
    html("h2", {}, title),
    html("p", { class: "sum" }, figure),
    html("p", { class: "soft" }, note),
  );
}

/**
 * Of the turns that were late, what their first word waited for.
 *
 * @param {Report} report
 * @param {Words} words
 */
export function lateness({ turns }, words) {
  const late = turns.filter(({ in_time: kept }) => kept === false);
  const causes = late.map(({ fault, blamed }) => (fault ? `fault.${fault}` : blamed ? `part.${blamed}` : ""));
  return tally(causes.filter(Boolean)).map(([cause, n]) => {
    const name = cause.startsWith("part.")
      ? words.say(/** @type {Key} */ (cause))
      : words.sayOf("board", cause, "timing.outcome.failed");
    return gauge(name, String(n), n / late.length);
  });
}

/**
 * What is expected of each model, beside what was seen of it.
 *
 * @param {Report} report
 * @param {Words} words
 */
export function models({ models: told }, words) {
  const columns = /** @type {const} */ (["board.model", "board.expected", "board.seen", "board.turns"]);
  return table(
    columns.map((key) => words.say(key)),
    told.map((model) => [
      [model.name, standing(model, words)],
      pair(model.expected_ms, words),
      pair(model.seen_ms, words),
      [String(model.turns), model.cost_usd ? dollars(model.cost_usd) : ""],
    ]),
  );
}

/**
 * @param {ToldModel} model
 * @param {Words} words
 */
function standing({ breaker }, words) {
  return breaker === "open" || breaker === "half_open" ? words.say(`board.breaker.${breaker}`) : "";
}

/**
 * The median, and the 95th percentile as a remark.
 *
 * @param {{ p50: number | null, p95: number | null } | null} waits
 * @param {Words} words
 * @returns {[string, string]}
 */
function pair(waits, words) {
  if (!waits) return ["–", ""];
  const [p50, p95] = [waits.p50, waits.p95].map((ms) => (ms === null ? "∞" : words.duration(ms)));
  return [`${p50}`, `p95 ${p95}`];
}

/**
 * @param {Report} report
 * @param {Words} words
 */
export function engines({ engines: told }, words) {
  const columns = /** @type {const} */ (["board.engine", "board.stage", "board.failures"]);
  return table(
    columns.map((key) => words.say(key)),
    told.map(({ stage, name, ready, in_use: used, failures }) => [
      [name, words.say(used ? "board.inUse" : ready ? "board.ready" : "board.absent")],
      stage.toUpperCase(),
      String(failures),
    ]),
  );
}

/**
 * @param {Report} report
 * @param {Words} words
 */
export function sessions({ sessions: { open } }, words) {
  const columns = /** @type {const} */ (["board.session", "board.turns", "board.since"]);
  return table(
    columns.map((key) => words.say(key)),
    open.map(({ id, state, seconds, turns }) => [
      [id.replace("sess_", "").slice(0, 8), words.say(`board.state.${state}`)],
      String(turns),
      span(seconds, words),
    ]),
  );
}

/** @param {Report} report */
export function budgets({ budgets: told }) {
  return told.map(({ name, spent, limit }) => {
    const share = limit ? spent / limit : 0;
    return gauge(name, `${dollars(spent)} / ${dollars(limit)}`, share, share >= CLOSE);
  });
}

/**
 * @param {string} name
 * @param {string} figure
 * @param {number} share 0 to 1, of a whole that is as wide as there is room.
 * @param {boolean} [bad]
 */
function gauge(name, figure, share, bad = false) {
  const value = Math.min(1, share).toFixed(3);
  return html(
    "div",
    { class: "gauge", "data-bad": bad },
    html("span", {}, name),
    html("span", { class: "amount" }, figure),
    html("meter", { value, min: 0, max: 1, "aria-label": name }),
  );
}

/**
 * @param {string[]} head
 * @param {(string | [string, string])[][]} body A pair is a text with a remark; the first of each row names it.
 */
function table(head, body) {
  const titles = head.map((title) => html("th", { scope: "col" }, title));
  const lines = body.map((cells) => html("tr", {}, ...cells.map((cell, at) => html(...written(cell, at)))));
  return html("table", { class: "table" }, html("thead", {}, html("tr", {}, ...titles)), html("tbody", {}, ...lines));
}

/**
 * @param {string | [string, string]} cell
 * @param {number} at
 * @returns {["th" | "td", import("../view/dom.js").Attributes, ...import("../view/dom.js").Child[]]}
 */
function written(cell, at) {
  const [text, remark] = typeof cell === "string" ? [cell, ""] : cell;
  const below = remark ? html("span", { class: "remark" }, remark) : null;
  return at === 0 ? ["th", { scope: "row" }, text, below] : ["td", {}, text, below];
}
