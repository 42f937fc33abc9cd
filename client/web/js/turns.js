/** The figures of each answer, gathered from the server's events and from what the page sees for itself. */

import { partsOf } from "./stopwatch.js";

/** @typedef {import("./types.js").Turn} Turn */
/** @typedef {import("./dialogue.js").Json} Json */

/** Turns that may still get news; older ones are over. */
const MOST = 20;

/** Nothing is known of a turn yet. */
const UNKNOWN = { spoken: null, sent: null, received: null, rendered: null, heard: null };

/**
 * When the sample at a position of our sound was spoken and sent, milliseconds of the page's clock; see `Uplink.when`.
 *
 * @typedef {(position: number) => { spoken: number, sent: number } | null} When
 */

/** The turns of a call. Times are milliseconds of the page's clock. */
export class Turns {
  #when;
  #roundTrip;
  /** @type {Map<string, Turn>} By response. */
  #turns = new Map();
  /** @type {Set<string>} Items that are the user's. */
  #questions = new Set();
  /** @type {number[]} When answers were asked for that are yet to begin. */
  #asked = [];

  /**
   * @param {When} when
   * @param {() => number} roundTrip Milliseconds the network takes to and fro.
   */
  constructor(when, roundTrip) {
    this.#when = when;
    this.#roundTrip = roundTrip;
  }

  /**
   * An answer to something written was asked for.
   *
   * @param {number} now
   */
  asked(now) {
    this.#asked.push(now);
  }

  /**
   * Take in one of the server's events, received at `now`.
   *
   * @param {Json} event
   * @param {number} now
   * @returns {Turn[]} What is known better now.
   */
  take(event, now) {
    switch (event.type) {
      case "response.created":
        return this.#begin(event.response.id);
      case "response.output_item.added":
        return event.item.type === "message" ? this.#update(event.response_id, { answer: event.item.id }) : [];
      case "conversation.item.added":
        return this.#place(event.item, event.previous_item_id);
      case "response.output_audio.delta":
        return this.#mark(this.#turns.get(event.response_id), { received: now });
      case "response.done":
        return this.#end(event.response);
      default:
        return [];
    }
  }

  /**
   * The first sample of an answer was played.
   *
   * @param {string} item
   * @param {number} rendered
   * @param {number} heard
   * @returns {Turn[]}
   */
  played(item, rendered, heard) {
    const turn = [...this.#turns.values()].find(({ answer }) => answer === item);
    return this.#mark(turn, { rendered, heard });
  }

  /**
   * @param {string} id
   * @returns {Turn[]}
   */
  #begin(id) {
    const asked = this.#asked.shift() ?? null;
    this.#turns.set(id, {
      id,
      question: null,
      answer: null,
      status: "in_progress",
      why: null,
      earToEar: null,
      network: null,
      parts: [],
      marks: {},
      page: { ...UNKNOWN, spoken: asked, sent: asked },
      engines: {},
      choice: null,
      usage: null,
    });
    const [oldest] = this.#turns.keys();
    if (oldest !== undefined && this.#turns.size > MOST) {
      this.#turns.delete(oldest);
    }
    return [];
  }

  /**
   * @param {Json} item
   * @param {string | null} after
   * @returns {Turn[]}
   */
  #place(item, after) {
    if (item.role === "user") {
      this.#questions.add(item.id);
    }
    const turn = [...this.#turns.values()].find(({ answer }) => answer === item.id);
    return turn && after !== null && this.#questions.has(after) ? this.#update(turn.id, { question: after }) : [];
  }

  /**
   * @param {Turn | undefined} turn
   * @param {Partial<import("./types.js").PageMarks>} marks Of which the first of each kind counts.
   * @returns {Turn[]}
   */
  #mark(turn, marks) {
    const fresh = turn && Object.entries(marks).filter(([name]) => Reflect.get(turn.page, name) === null);
    return turn && fresh?.length ? this.#update(turn.id, { page: { ...turn.page, ...Object.fromEntries(fresh) } }) : [];
  }

  /**
   * @param {Json} response
   * @returns {Turn[]}
   */
  #end(response) {
    const turn = this.#turns.get(response.id);
    const { status, status_details: details, usage = null, antiphon = {} } = response;
    const position = antiphon.speech_end_audio_ms;
    const spoken = typeof position === "number" ? this.#when(position) : null;
    return this.#update(response.id, {
      status,
      why: details?.error?.message ?? details?.reason ?? null,
      marks: antiphon.marks_ms ?? {},
      engines: antiphon.engines ?? {},
      choice: antiphon.choice ?? null,
      usage,
      page: { ...(turn?.page ?? UNKNOWN), ...spoken },
    });
  }

  /**
   * @param {string} id
   * @param {Partial<Turn>} changes
   * @returns {Turn[]}
   */
  #update(id, changes) {
    const before = this.#turns.get(id);
    if (!before) {
      return [];
    }
    const turn = { ...before, ...changes };
    if (turn.status !== "in_progress") {
      turn.parts = partsOf(turn.marks, turn.page, this.#roundTrip());
      const total = (/** @type {Turn["parts"]} */ parts) => parts.reduce((sum, { ms }) => sum + ms, 0);
      const network = turn.parts.filter(({ name }) => name === "upload" || name === "download");
      turn.earToEar = turn.parts.length ? total(turn.parts) : null;
      turn.network = turn.parts.length ? total(network) : null;
    }
    this.#turns.set(id, turn);
    return [turn];
  }
}
