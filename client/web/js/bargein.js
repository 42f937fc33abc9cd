/** Whether the answer steps back for a voice: at once upon any, for good only once the server has heard it too. */

/** How loud an answer stays while it is not clear whether somebody interrupts it. */
export const DUCKED = 0.15;

/** Milliseconds the server has to notice a voice; what it has not by then was a cough. */
export const CONFIRM = 600;

/** So many coughs in a row during one answer, and no more notice is taken: it is the room, or our own echo. */
const MOST_COUGHS = 3;

/** One call's decisions. */
export class BargeIn {
  /** Whether the answer has stepped back, and waits to see what comes. */
  ducked = false;
  #coughs = 0;

  /**
   * A voice has begun in the microphone.
   *
   * @param {boolean} speaking Whether an answer is playing.
   * @returns {boolean} Whether it must step back now; `CONFIRM` later, ask `cough`.
   */
  voice(speaking) {
    this.ducked ||= speaking && this.#coughs < MOST_COUGHS;
    return this.ducked;
  }

  /** The server has heard a voice as well. */
  confirm() {
    this.ducked = false;
    this.#coughs = 0;
  }

  /**
   * The time to confirm is over.
   *
   * @returns {boolean} Whether the answer must come forward again.
   */
  cough() {
    const { ducked } = this;
    this.#coughs += Number(ducked);
    this.ducked = false;
    return ducked;
  }

  /** An answer begins to be heard: it gets the benefit of the doubt. */
  begin() {
    this.#coughs = 0;
  }
}
