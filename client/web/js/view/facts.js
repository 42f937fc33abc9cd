/** What else there is to know of a turn, beside its times: who did it, why that model, what it took. */

/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("../types.js").Choice} Choice */
/** @typedef {import("./words.js").Words} Words */

/** @typedef {{ name: string, value: string, note?: string }} Fact */

/**
 * @param {Turn} turn
 * @param {Words} words
 * @returns {Fact[]}
 */
export function facts({ engines, choice, usage, status, why }, words) {
  const done = /** @type {const} */ (["asr", "llm", "tts"]).flatMap((stage) => {
    const value = engines[stage];
    return value ? [{ name: words.say(`timing.engine.${stage}`), value, ...honest(value, words) }] : [];
  });
  const outcome = words.sayOf("timing.outcome", status, "timing.outcome.completed");
  return [
    ...done,
    ...(choice ? chosen(choice, words) : []),
    ...optional(words.say("timing.tokens"), tokens(usage, words)),
    ...optional(words.say("timing.cost"), choice ? cost(choice.cost_usd) : ""),
    ...(status === "completed" || status === "in_progress"
      ? []
      : [{ name: words.say("timing.outcome"), value: reason(outcome, status, why) }]),
  ];
}

/**
 * How the model came to be chosen, and what asking several came to; nothing where there was no choice.
 *
 * @param {Choice} choice
 * @param {Words} words
 * @returns {Fact[]}
 */
function chosen({ why, kind, time_left_ms: left, asked, failures, wasted_tokens: wasted, saved_ms: saved }, words) {
  const others = asked.length > 1 ? asked.join(" → ") : "";
  return [
    ...optional(words.say("timing.why"), why),
    ...optional(words.say("timing.kind"), kind),
    ...optional(words.say("timing.left"), left === null ? "" : words.duration(left)),
    ...optional(words.say("timing.asked"), others && failures ? words.say("timing.failed", { others, failures }) : others),
    ...optional(words.say("timing.saved"), saved > 0 ? words.duration(saved) : ""),
    ...optional(words.say("timing.wasted"), wasted > 0 ? words.say("timing.wastedValue", { n: wasted }) : ""),
  ];
}

/**
 * @param {string} name
 * @param {string | null | undefined} value
 * @returns {Fact[]}
 */
function optional(name, value) {
  return value ? [{ name, value }] : [];
}

/**
 * A failure's own words say more than the fact that it failed.
 *
 * @param {string} outcome
 * @param {string} status
 * @param {string | null} why
 */
function reason(outcome, status, why) {
  return status === "failed" && why ? `${outcome}: ${why}` : outcome;
}

/**
 * What to know of the engines that are always there, and not very good.
 *
 * @param {string} engine
 * @param {Words} words
 * @returns {{ note?: string }}
 */
function honest(engine, words) {
  if (engine.includes("sphinx")) return { note: words.say("timing.honest.sphinx") };
  if (engine.includes("embedded") || engine.includes("brain")) return { note: words.say("timing.honest.embedded") };
  return {};
}

/**
 * @param {Turn["usage"]} usage
 * @param {Words} words
 */
function tokens(usage, words) {
  const [input, output] = [number(usage, "input_tokens"), number(usage, "output_tokens")];
  if (input === null || output === null) return null;
  const details = usage?.["input_token_details"];
  const cached =
    typeof details === "object" && details ? number(/** @type {Turn["usage"]} */ (details), "cached_tokens") : 0;
  return words.say(cached ? "timing.tokensCached" : "timing.tokensValue", { input, output, cached: cached ?? 0 });
}

/** @param {number} dollars Nothing is said of what costs nothing. */
function cost(dollars) {
  return dollars > 0 ? `$${dollars.toFixed(dollars < 0.01 ? 5 : 2)}` : "";
}

/**
 * @param {Turn["usage"]} usage
 * @param {string} field
 */
function number(usage, field) {
  const value = usage?.[field];
  return typeof value === "number" ? value : null;
}
