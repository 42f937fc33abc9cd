/** The dashboard: shows one report after the other, and the turn that was chosen. */

import { chart } from "../view/chart.js";
import { html, renew, the } from "../view/dom.js";
import { waterfall } from "../view/waterfall.js";
import { budgets, engines, lateness, models, sessions, tiles } from "./cards.js";
import { dollars } from "./figures.js";
import { legend, rows } from "./rows.js";

/** @typedef {import("./types.js").Report} Report */
/** @typedef {import("./types.js").ToldTurn} ToldTurn */
/** @typedef {import("./feed.js").Silence} Silence */
/** @typedef {import("../view/words.js").Words} Words */
/** @typedef {import("../types.js").Turn} Turn */

export class Board {
  #board = the("board", HTMLElement);
  #pulse = the("pulse", HTMLElement);
  #ask = the("ask", HTMLFormElement);
  #words;

  /** @type {Report | null} */
  #report = null;

  /** @type {Silence | ""} */
  #silence = "";

  /** Of a turn; empty for the latest. */
  #chosen = "";

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
    words.follow(() => this.#draw());
  }

  /** @param {Report | Silence} told */
  show(told) {
    if (typeof told === "string") this.#silence = told;
    else [this.#report, this.#silence] = [told, ""];
    this.#draw();
  }

  /** @param {string} id */
  #choose(id) {
    this.#chosen = id;
    this.#draw();
    if (matchMedia("(width < 900px)").matches) the("detail", HTMLElement).scrollIntoView();
  }

  #draw() {
    const silent = this.#silence;
    this.#ask.hidden = silent !== "locked";
    this.#board.hidden = !this.#report || silent === "locked" || silent === "off";
    this.#pulse.dataset["state"] = silent || this.#report?.status || "waiting";
    this.#pulse.textContent = this.#words.sayOf("board.pulse", this.#pulse.dataset["state"], "board.pulse.waiting");
    this.#board.toggleAttribute("data-stale", silent === "gone");
    if (this.#report) this.#fill(this.#report);
  }

  /** @param {Report} report */
  #fill(report) {
    const words = this.#words;
    const { turns, deadline_ms: deadline } = report;
    const shown = turns.find(({ id }) => id === this.#chosen) ?? turns[0];
    const how = { deadline, chosen: shown?.id ?? "", choose: (/** @type {string} */ id) => this.#choose(id) };
    the("version", HTMLElement).textContent = report.version;
    renew(the("tiles", HTMLElement), tiles(report, words));
    renew(the("legend", HTMLElement), turns.length ? legend(words) : []);
    the("empty", HTMLElement).hidden = turns.length > 0;
    this.#renewRows(rows(turns, how, words));
    this.#put("detail", shown ? [...this.#detail(shown, turns)] : []);
    this.#put("late", lateness(report, words));
    this.#put("models", report.models.length ? [models(report, words)] : []);
    this.#put("budgets", budgets(report));
    this.#put("sessions", report.sessions.open.length ? [sessions(report, words)] : []);
    this.#put("engines", [engines(report, words)]);
  }

  /**
   * The rows anew, but the focus stays on its turn.
   *
   * @param {Element[]} rows
   */
  #renewRows(rows) {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["id"] : undefined;
    const list = the("turns", HTMLElement);
    renew(list, rows);
    if (focused && document.activeElement === document.body) {
      /** @type {HTMLElement | null} */ (list.querySelector(`[data-id="${CSS.escape(focused)}"]`))?.focus();
    }
  }

  /**
   * A section that is there only while there is something in it.
   *
   * @param {string} id
   * @param {Element[]} children
   */
  #put(id, children) {
    the(id, HTMLElement).hidden = children.length === 0;
    renew(the(`${id}-body`, HTMLElement), children);
  }

  /**
   * @param {ToldTurn} shown
   * @param {readonly ToldTurn[]} turns
   */
  #detail(shown, turns) {
    const words = this.#words;
    const sound = shown.first_sound_ms ?? shown.first_token_ms;
    const facts = /** @type {const} */ ([
      ["timing.engine.asr", shown.engines["asr"] ?? ""],
      ["timing.engine.llm", shown.model],
      ["timing.engine.tts", shown.engines["tts"] ?? ""],
      ["timing.why", shown.why],
      ["board.asked", shown.asked.length > 1 ? shown.asked.join(", ") : ""],
      ["timing.outcome", words.say(`timing.outcome.${shown.outcome}`)],
      ["timing.cost", shown.cost_usd ? dollars(shown.cost_usd) : ""],
      ["board.trace", shown.trace],
    ]).filter(([, fact]) => fact);
    return [
      chart(turns.map(asTurn).reverse(), shown.id, words, (id) => this.#choose(id)),
      ...(sound === null ? [] : [waterfall({ ...asTurn(shown), earToEar: sound }, words)]),
      html(
        "dl",
        { class: "facts" },
        ...facts.flatMap(([key, fact]) => [html("dt", {}, words.say(key)), html("dd", {}, fact)]),
      ),
    ];
  }
}

/**
 * A turn of somebody's, as the pictures of the talking page want it: timed by the server alone.
 *
 * @param {ToldTurn} told
 * @returns {Turn}
 */
function asTurn({ id, parts, first_token_ms: token, first_sound_ms: sound }) {
  const marks = token === null ? {} : { llm_first_token: token };
  return /** @type {Turn} */ ({ id, parts, marks, earToEar: sound });
}
