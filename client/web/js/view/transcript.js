/** The conversation as it is read: both sides, live, and of an interrupted answer what was heard and what was not. */

import { html, icon, renew, the } from "./dom.js";
import { firstWord, DEADLINE } from "./statistics.js";

/** @typedef {import("./conversation.js").Line} Line */
/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("./words.js").Words} Words */

/** Lines that are there to be read; for older ones the reader asks. A talk may last for hours. */
const SHOWN = 60;

/** Pixels from the end within which the reader counts as being there, and is kept there. */
const NEAR = 48;

/**
 * @typedef {object} Listeners
 * @property {(turn: string) => void} onTurn The reader wants to know where the time of a turn went.
 * @property {(text: string) => void} onCopy
 */

/**
 * Whether an entry is to be told when it comes, or changes: an answer, once it is complete. What the user says is no
 * news to him, and an answer that grows would be told from its beginning with every word.
 *
 * @param {Line} line
 * @returns {boolean}
 */
export function tellable({ role, final }) {
  return role === "assistant" && final;
}

export class Transcript {
  #list = the("transcript", HTMLElement);
  #scroll = the("scroll", HTMLElement);
  #earlier = the("earlier", HTMLButtonElement);
  #latest = the("latest", HTMLButtonElement);
  #words;
  #listeners;

  /** @type {Map<string, { entry: HTMLLIElement, line: Line, shown: string }>} */
  #entries = new Map();

  /** @type {readonly Line[]} */
  #lines = [];

  /** @type {Map<string | null, Turn>} By the line that is its answer. */
  #answers = new Map();

  /** The place of the first line that is shown. */
  #first = 0;

  /**
   * @param {Words} words
   * @param {Listeners} listeners
   */
  constructor(words, listeners) {
    this.#words = words;
    this.#listeners = listeners;
    this.#scroll.addEventListener("scroll", () => this.#showLatest(), { passive: true });
    this.#earlier.addEventListener("click", () => this.#showEarlier());
    this.#latest.addEventListener("click", () => this.#toEnd());
    new ResizeObserver(() => this.#following && this.#toEnd()).observe(this.#scroll);
  }

  #following = true;

  /** @param {boolean} answers Whether screen readers tell of answers of their own accord. */
  announce(answers) {
    this.#scroll.setAttribute("aria-live", answers ? "polite" : "off");
  }

  /**
   * @param {readonly Line[]} lines
   * @param {readonly Turn[]} turns
   */
  show(lines, turns) {
    this.#lines = lines;
    this.#answers = new Map(turns.map((turn) => [turn.answer, turn]));
    if (lines.length === 0) this.#following = true; // another conversation begins
    if (this.#following) this.#first = Math.max(0, lines.length - SHOWN);
    this.#draw();
    if (this.#following) this.#toEnd();
  }

  #draw() {
    const shown = this.#lines.slice(this.#first);
    const kept = new Set(shown.map(({ id }) => id));
    for (const [id, { entry }] of this.#entries) {
      if (kept.has(id)) continue;
      entry.remove();
      this.#entries.delete(id);
    }
    shown.forEach((line, at) => {
      const there = this.#list.children[at];
      const entry = this.#entry(line, !there);
      if (there !== entry) this.#list.insertBefore(entry, there ?? null);
    });
    this.#earlier.hidden = this.#first === 0;
  }

  #showEarlier() {
    const { scrollHeight, scrollTop } = this.#scroll;
    this.#following = false;
    this.#first = Math.max(0, this.#first - SHOWN);
    this.#draw();
    this.#scroll.scrollTop = scrollTop + this.#scroll.scrollHeight - scrollHeight; // what was there stays where it was
    if (this.#earlier.hidden) this.#scroll.focus();
  }

  /**
   * The entry of a line, made anew only when there is something new to see.
   *
   * @param {Line} line
   * @param {boolean} fresh Whether it comes behind all others, and is no older line that the reader has asked for.
   */
  #entry(line, fresh) {
    const turn = this.#answers.get(line.id);
    const { earToEar = null, marks = {} } = turn ?? {};
    const shown = JSON.stringify([line, earToEar, marks["llm_first_token"], this.#words.language]);
    const known = this.#entries.get(line.id);
    if (known?.shown === shown) return known.entry;
    const entry = known?.entry ?? html("li");
    entry.className = `entry ${line.role}${line.final ? "" : " growing"}`;
    const content = this.#content(line, turn);
    if (tellable(line) && (known ? !tellable(known.line) : fresh)) {
      entry.removeAttribute("aria-live");
      entry.replaceChildren(...content); // also what looks the same, or it would never be told
    } else {
      if (!tellable(line) || !(known || fresh)) entry.setAttribute("aria-live", "off");
      renew(entry, content);
    }
    this.#entries.set(line.id, { entry, line, shown });
    return entry;
  }

  /**
   * @param {Line} line
   * @param {Turn | undefined} turn
   * @returns {Element[]}
   */
  #content(line, turn) {
    const { role, heard, unheard, cut } = line;
    if (role === "break") return [html("p", { class: "soft" }, this.#words.say("transcript.break"))];
    const who = this.#words.say(role === "user" ? "transcript.you" : "transcript.it");
    const rest = unheard.trimStart();
    const space = unheard.slice(0, unheard.length - rest.length);
    const [begins, ends] = [this.#aside("transcript.unheardBegins"), this.#aside("transcript.unheardEnds")];
    const struck = html("s", { class: "unheard" }, begins, rest, ends);
    return [
      html("p", { class: "who" }, who),
      html("p", { class: "text", dir: "auto" }, heard, ...(rest ? [space, struck] : [])),
      ...(cut ? [html("p", { class: "note" }, this.#words.say("transcript.cutNote"))] : []),
      ...(line.final ? [this.#foot(line, turn)] : []),
    ];
  }

  /**
   * A word that only screen readers say.
   *
   * @param {"transcript.unheardBegins" | "transcript.unheardEnds"} key
   */
  #aside(key) {
    return html("span", { class: "unseen" }, ` (${this.#words.say(key)}) `);
  }

  /**
   * @param {Line} line
   * @param {Turn | undefined} turn
   */
  #foot(line, turn) {
    const copy = html(
      "button",
      {
        class: "copy",
        "aria-label": this.#words.say("transcript.copy"),
        title: this.#words.say("transcript.copy"),
        click: () => this.#copy(line.id),
      },
      icon("copy"),
    );
    return html("div", { class: "foot", "aria-live": "off" }, turn ? this.#chip(turn) : null, copy);
  }

  /** @param {string} id */
  #copy(id) {
    const line = this.#entries.get(id)?.line;
    if (line) this.#listeners.onCopy(line.heard + line.unheard);
  }

  /** @param {Turn} turn */
  #chip(turn) {
    const word = firstWord(turn);
    const ms = turn.earToEar ?? word;
    if (ms === null) return null;
    const text = this.#words.duration(ms);
    const late = word !== null && word > DEADLINE;
    const label = this.#words.say("transcript.timing", { ms: text });
    return html(
      "button",
      {
        class: late ? "chip late" : "chip",
        "aria-label": label,
        title: label,
        click: () => this.#listeners.onTurn(turn.id),
      },
      text,
    );
  }

  get #below() {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight;
  }

  #toEnd() {
    this.#following = true;
    if (this.#lines.length) this.#scroll.scrollTop = this.#scroll.scrollHeight; // before it, what to try begins above
    this.#latest.hidden = true;
  }

  #showLatest() {
    this.#following = this.#below < NEAR;
    this.#latest.hidden = this.#following;
  }
}
