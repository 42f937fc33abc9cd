/** The ring around the talk button, drawn. */

import { svg } from "./dom.js";
import { HALF, ring } from "./ring.js";

/** @typedef {import("../types.js").StateName} StateName */
/** @typedef {import("../types.js").Level} Level */

/** Where the strokes begin, and how far they reach, in units of the drawing, which is 200 wide. */
const INNER = 74;
const REST = 5;
const REACH = 20;

/** Milliseconds between two frames: the levels come every 50 ms, and a ring that is at rest needs none. */
const FRAME = 30;

/** The ring on the page. It draws only while it has something to show. */
export class Dial {
  /** @type {StateName} */
  #state = "idle";

  /** @type {Level[]} Newest first. */
  #levels = [];

  /** @type {number[]} Lengths as drawn, which follow their targets. */
  #shown = Array.from({ length: 2 * HALF }, () => 0);

  /** @type {string[]} What is on the page. */
  #looks = [];

  #lines = Array.from({ length: 2 * HALF }, (_, at) =>
    svg("line", {
      class: at < HALF ? "tick it" : "tick you",
      transform: `rotate(${((at + 0.5) * 180) / HALF})`,
      y1: -INNER,
      y2: -INNER - REST,
    }),
  );

  #still = matchMedia("(prefers-reduced-motion: reduce)");
  #drawn = 0;
  #asked = 0;

  /** @param {Element} place */
  constructor(place) {
    place.append(svg("svg", { class: "ring", viewBox: "-100 -100 200 200", "aria-hidden": "true" }, ...this.#lines));
    this.#draw(0);
  }

  /** @param {StateName} state */
  show(state) {
    this.#state = state;
    if (state === "idle" || state === "failed" || state === "connecting") this.#levels = [];
    this.#ask();
  }

  /** @param {Level} level */
  feed(level) {
    this.#levels = [level, ...this.#levels.slice(0, HALF)];
    this.#ask();
  }

  #ask() {
    if (!this.#asked) this.#asked = requestAnimationFrame((now) => this.#frame(now));
  }

  /** @param {number} now */
  #frame(now) {
    this.#asked = 0;
    if (now - this.#drawn < FRAME) return this.#ask();
    this.#drawn = now;
    const moving = this.#draw(now / 1000);
    const alone = ["connecting", "thinking", "reconnecting"].includes(this.#state) && !this.#still.matches;
    if (moving || alone) this.#ask();
  }

  /**
   * Returns whether the strokes are still on their way.
   *
   * @param {number} seconds
   */
  #draw(seconds) {
    let moving = false;
    const ticks = ring(this.#state, this.#levels, seconds, this.#still.matches);
    ticks.forEach(({ length, strength }, at) => {
      const shown = this.#shown[at] ?? 0;
      const next = Math.abs(length - shown) < 0.01 ? length : shown + (length - shown) * 0.45;
      moving ||= next !== length;
      this.#shown[at] = next;
      const look = `${(-INNER - REST - REACH * next).toFixed(1)} ${strength.toFixed(2)}`;
      if (look !== this.#looks[at]) this.#paint(at, look);
    });
    return moving;
  }

  /**
   * @param {number} at Which stroke.
   * @param {string} look Where it ends, and its opacity.
   */
  #paint(at, look) {
    const [end = "", opacity = ""] = look.split(" ");
    this.#looks[at] = look;
    this.#lines[at]?.setAttribute("y2", end);
    this.#lines[at]?.setAttribute("opacity", opacity);
  }
}
