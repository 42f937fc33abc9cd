/** What the server tells of itself at /dashboard.json; see server/observing/dashboard.py. */

/** @typedef {import("../types.js").Part} Part */
/** @typedef {import("../types.js").PartName} PartName */

/**
 * @typedef {object} Summary Milliseconds.
 * @property {number} n
 * @property {number} p50
 * @property {number} p95
 * @property {number} p99
 * @property {number} most
 */

/**
 * @typedef {object} ToldTurn
 * @property {string} id
 * @property {string} session
 * @property {string} trace
 * @property {number} at Unix time, seconds.
 * @property {"completed" | "cancelled" | "failed" | "incomplete"} outcome
 * @property {string} fault The stage that failed; empty for none.
 * @property {"barge_in" | "early_reply" | "split_turn" | null} interruption
 * @property {boolean | null} in_time
 * @property {PartName | null} blamed What the first word waited for longest.
 * @property {number | null} first_token_ms
 * @property {number | null} first_sound_ms
 * @property {Part[]} parts
 * @property {string} model
 * @property {string} why
 * @property {string[]} asked
 * @property {Record<string, string>} engines
 * @property {number} tokens
 * @property {number} cost_usd
 */

/**
 * @typedef {object} ToldModel
 * @property {string} name
 * @property {"closed" | "half_open" | "open" | null} breaker Null for one that is not in the catalogue.
 * @property {{ p50: number | null, p95: number | null } | null} expected_ms
 * @property {Summary | null} seen_ms
 * @property {number} turns
 * @property {number} cost_usd
 */

/**
 * @typedef {object} ToldSession
 * @property {string} id
 * @property {"listening" | "hearing" | "thinking" | "speaking" | "waiting"} state
 * @property {number} seconds
 * @property {number} turns
 */

/**
 * @typedef {object} Totals Of the last hundred turns.
 * @property {number} turns
 * @property {number} due Turns of which a first word was due.
 * @property {number} in_time
 * @property {Summary | null} first_token_ms
 * @property {Summary | null} first_sound_ms
 * @property {number} failed
 * @property {number} interrupted
 * @property {number} hedged
 * @property {number} tokens
 * @property {number} wasted_tokens
 * @property {number} cost_usd
 */

/**
 * @typedef {object} Report
 * @property {number} at Unix time, seconds.
 * @property {"ready" | "starting" | "failing" | "closing"} status
 * @property {string} version
 * @property {number} deadline_ms
 * @property {Totals} totals
 * @property {ToldTurn[]} turns The latest first.
 * @property {{ by_state: Record<string, number>, open: ToldSession[] }} sessions
 * @property {ToldModel[]} models
 * @property {{ stage: string, name: string, ready: boolean, in_use: boolean, failures: number }[]} engines
 * @property {{ name: string, spent: number, limit: number }[]} budgets
 * @property {Summary | null} lag_ms
 */

export {};
