/** What of the microphone's sound goes to the server: all of it, or only while a button is held. */

/** @typedef {import("./uplink.js").Piece} Piece */

/** Pieces of 20 ms from before the button went down that are sent with the rest: people press and speak at once. */
const BEFORE = 15;

/** Where the microphone's sound passes, or does not. */
export class Gate {
  /** Samples that were captured, and have passed, since it was opened. */
  passed = 0;
  #open;
  /** @type {Piece[]} */
  #before = [];

  /** @param {boolean} open */
  constructor(open) {
    this.#open = open;
  }

  /**
   * Open it; what was captured just before passes with the next piece.
   *
   * @param {boolean} open
   */
  set open(open) {
    this.#open = open;
    this.passed = 0;
  }

  get open() {
    return this.#open;
  }

  /**
   * @param {Piece} piece
   * @returns {Piece[]} Those that pass.
   */
  pass(piece) {
    const pieces = [...this.#before, piece];
    if (!this.#open) {
      this.#before = pieces.slice(-BEFORE);
      return [];
    }
    this.#before = [];
    this.passed += piece.pcm.length;
    return pieces;
  }
}
