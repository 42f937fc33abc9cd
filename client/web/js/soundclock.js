/** From the sound system's clock to the page's, so that what is heard and what is received can be compared. */

/** Milliseconds over which the quickest message is looked for. The clocks drift apart less than 0.2 ms in that time. */
const WINDOW = 2000;

/**
 * Worklets stamp their messages with the sound system's time, and the page notes when each came in. Messages can only
 * be late: the one that took the least time tells best how the clocks lie.
 */
export class SoundClock {
  #since = -Infinity;
  #least = Infinity;
  #before = Infinity;

  /**
   * @param {number} sound Seconds of the audio context, now, as a worklet sees it.
   * @param {number} page Milliseconds of `performance.now()`, when its message came in.
   */
  observe(sound, page) {
    if (page - this.#since > WINDOW) {
      this.#since = page;
      this.#before = this.#least;
      this.#least = Infinity;
    }
    this.#least = Math.min(this.#least, page - sound * 1000);
  }

  /**
   * @param {number} sound Seconds of the audio context.
   * @returns {number} Milliseconds of `performance.now()`; NaN while nothing has been observed.
   */
  page(sound) {
    const offset = Math.min(this.#least, this.#before);
    return offset === Infinity ? NaN : sound * 1000 + offset;
  }

  /** The sound system has stood still: what was observed before says nothing any more. */
  reset() {
    this.#since = -Infinity;
    this.#least = this.#before = Infinity;
  }
}
