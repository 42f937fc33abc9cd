/** A gain that moves in straight lines, sample by sample: what jumps, clicks. */

/** One sound's volume. */
export class Fader {
  /** What the next sample is multiplied with. */
  gain = 1;

  #aim = 1;
  #step = 0;
  #rate;

  /** @param {number} rate Samples per second. */
  constructor(rate) {
    this.#rate = rate;
  }

  /**
   * @param {number} aim 0 to 1
   * @param {number} seconds It takes to get there.
   */
  to(aim, seconds) {
    this.#aim = aim;
    this.#step = (aim - this.gain) / Math.max(1, Math.round(seconds * this.#rate));
  }

  /** Be there at once: for when nothing sounds. */
  jump(/** @type {number} */ aim) {
    this.gain = this.#aim = aim;
    this.#step = 0;
  }

  /**
   * The gain of the next sample.
   *
   * @returns {number} 0 to 1
   */
  next() {
    if (this.#step) {
      this.gain += this.#step;
      const beyond = this.#step > 0 ? this.gain >= this.#aim : this.gain <= this.#aim;
      if (beyond) {
        this.jump(this.#aim);
      }
    }
    return this.gain;
  }
}
