/** The panel that shows where the time went: one turn in detail, and all of them together. */

import { chart, percent, series } from "./chart.js";
import { html, icon, the } from "./dom.js";
import { facts } from "./facts.js";
import { DEADLINE, firstWord } from "./statistics.js";
import { small, table, waterfall } from "./waterfall.js";

/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */
/** @typedef {import("./facts.js").Fact} Fact */

export class Timing {
  #body = the("timing-body", HTMLElement);
  #words;

  /** @type {readonly Turn[]} */
  #turns = [];

  /** Id of the turn that is shown; empty for the newest, whichever that is. */
  #chosen = "";

  #tableOpen = false;

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
    words.follow(() => this.#draw());
  }

  /** @param {readonly Turn[]} turns */
  show(turns) {
    this.#turns = turns.filter((turn) => firstWord(turn) !== null || turn.earToEar !== null);
    this.#draw();
  }

  /** Whether there is a turn to show. */
  get any() {
    return this.#turns.length > 0;
  }

  /** @param {string} id Of a turn; empty for the newest. */
  choose(id) {
    this.#chosen = id;
    this.#draw();
  }

  #draw() {
    const at = this.#turns.findIndex(({ id }) => id === this.#chosen);
    const shown = at < 0 ? this.#turns.length - 1 : at;
    const turn = this.#turns[shown];
    if (!turn) return this.#body.replaceChildren(html("p", { class: "soft" }, this.#words.say("timing.none")));
    const pressed = this.#pressable.findIndex((one) => one === document.activeElement);
    this.#body.replaceChildren(
      this.#turn(turn, shown),
      html("section", { class: "all" }, html("h3", {}, this.#words.say("timing.turns")), this.#all(turn)),
    );
    this.#pressable[pressed]?.focus();
  }

  /** What can be pressed in it, in order: where the focus was, it is again. */
  get #pressable() {
    return [...this.#body.querySelectorAll(/** @type {"button"} */ ("button, summary"))];
  }

  /**
   * @param {Turn} turn
   * @param {number} at
   */
  #turn(turn, at) {
    const content = turn.parts.length ? [waterfall(turn, this.#words), this.#table(turn)] : [];
    return html(
      "section",
      { class: "one", "data-testid": "waterfall", "data-turn": turn.id },
      this.#headline(turn, at),
      ...content,
      html("dl", { class: "facts" }, ...facts(turn, this.#words).flatMap(fact)),
    );
  }

  /**
   * @param {Turn} turn
   * @param {number} at
   */
  #headline(turn, at) {
    const word = firstWord(turn);
    const typed = !turn.engines["asr"];
    const whole = turn.earToEar ?? word ?? 0;
    const about = `timing.${typed ? "typed" : "spoken"}${turn.earToEar === null ? "Word" : ""}`;
    return html(
      "div",
      { class: "headline" },
      html(
        "div",
        { class: "walk" },
        html("p", { class: "soft" }, this.#words.say("timing.of", { n: at + 1, of: this.#turns.length })),
        this.#step(at - 1, "timing.previous", "back"),
        this.#step(at + 1, "timing.next", "forward"),
      ),
      html("p", { class: "whole" }, this.#words.duration(whole)),
      html("p", { class: "soft" }, this.#words.say(/** @type {Key} */ (about))),
      word === null ? null : this.#verdict(word),
    );
  }

  /** @param {number} word Milliseconds. */
  #verdict(word) {
    const late = word > DEADLINE;
    const text = this.#words.say(late ? "timing.late" : "timing.within", { ms: this.#words.duration(word) });
    return html("p", { class: late ? "verdict late" : "verdict" }, icon(late ? "clock" : "check"), text);
  }

  /**
   * @param {number} to
   * @param {Key} key
   * @param {string} drawing
   */
  #step(to, key, drawing) {
    const turn = this.#turns[to];
    const label = this.#words.say(key);
    const press = () => this.choose(turn && to < this.#turns.length - 1 ? turn.id : "");
    return html(
      "button",
      { class: "tool small", "aria-label": label, title: label, disabled: !turn, click: press },
      icon(drawing),
    );
  }

  /** @param {Turn} turn */
  #table(turn) {
    const toggle = (/** @type {Event} */ event) => {
      this.#tableOpen = event.target instanceof HTMLDetailsElement && event.target.open;
    };
    const rest = this.#words.say("timing.small", { ms: this.#words.duration(small(turn.parts)) });
    const summary = html("summary", {}, rest);
    return html("details", { class: "as-table", open: this.#tableOpen, toggle }, summary, table(turn, this.#words));
  }

  /** @param {Turn} chosen */
  #all(chosen) {
    const columns = ["timing.p50", "timing.p95", "timing.share"].map((key) =>
      html("th", { scope: "col" }, this.#words.say(/** @type {Key} */ (key))),
    );
    const rows = series(this.#turns).map(({ name, kind, figures }) =>
      html(
        "tr",
        {},
        html("th", { scope: "row", class: `key ${kind}` }, this.#words.say(name)),
        ...(figures
          ? [this.#words.duration(figures.p50), this.#words.duration(figures.p95), percent(figures.within)]
          : ["–", "–", "–"]
        ).map((text) => html("td", {}, text)),
      ),
    );
    return html(
      "div",
      { "data-testid": "chart" },
      chart(this.#turns, chosen.id, this.#words, (id) => this.choose(id)),
      html(
        "table",
        { class: "table sums" },
        html("thead", {}, html("tr", {}, html("td"), ...columns)),
        html("tbody", {}, ...rows),
      ),
    );
  }
}

/** @param {Fact} fact */
function fact({ name, value, note }) {
  return [html("dt", {}, name), html("dd", {}, value, note ? html("span", { class: "soft" }, note) : null)];
}
