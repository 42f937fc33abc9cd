/** The microphone's sound on its way to the server: in order, kept through outages, each sample traceable in time. */

import { RATE } from "./pcm.js";

/** Samples kept while there is no connection, 5 s; of more, the oldest are given up. */
const MOST_WAITING = 5 * RATE;

/** Samples kept after they were sent, 30 s: an outage may go unnoticed while somebody speaks, and all is sent again. */
const MOST_SENT = 30 * RATE;

/** Samples of which is known when they were spoken, 3 min: as long as an answer to them may take to be complete. */
const REMEMBERED = 180 * RATE;

/**
 * @typedef {object} Piece
 * @property {Int16Array} pcm
 * @property {number} ended When its last sample was captured, milliseconds of the page's clock.
 */

/** @typedef {{ end: number, samples: number, ended: number, sent: number }} Trace Of a piece that ended at `end`. */

/** The line of sound. Positions are in samples the server has been sent since the session began. */
export class Uplink {
  /** Samples that were given up. */
  #lost = 0;
  /** @type {Piece[]} */
  #waiting = [];
  /** @type {Piece[]} The last of them ended at `#position`. */
  #sent = [];
  #position = 0;
  /** Up to where the server is known to have listened. */
  #answered = 0;
  /** @type {Trace[]} */
  #traces = [];

  /** @param {Piece} piece */
  add(piece) {
    this.#waiting.push(piece);
    this.#lost += trim(this.#waiting, MOST_WAITING);
  }

  /**
   * The next piece to send; null when all is sent.
   *
   * @param {number} now Milliseconds of the page's clock.
   */
  next(now) {
    const piece = this.#waiting.shift();
    if (!piece) {
      return null;
    }
    const samples = piece.pcm.length;
    this.#position += samples;
    this.#sent.push(piece);
    trim(this.#sent, MOST_SENT);
    this.#traces.push({ end: this.#position, samples, ended: piece.ended, sent: now });
    while ((this.#traces[0]?.end ?? Infinity) < this.#position - REMEMBERED) {
      this.#traces.shift();
    }
    return piece.pcm;
  }

  /**
   * The server has told of something it heard there.
   *
   * @param {number} position Milliseconds, as the server counts.
   */
  answered(position) {
    this.#answered = Math.max(this.#answered, Math.round((position * RATE) / 1000));
  }

  /**
   * The connection is back, and the server goes on with what it had.
   *
   * What was sent and did not arrive is sent again. A server that has less than it once told of lost its memory, not
   * our sound: then only what was never sent is.
   *
   * @param {number} received Milliseconds of sound that it got.
   * @returns {number} Seconds that are lost.
   */
  resume(received) {
    const from = Math.round((received * RATE) / 1000);
    const missing = this.#position - from;
    const known = this.#sent.reduce((sum, { pcm }) => sum + pcm.length, 0);
    if (missing > 0 && missing <= known && from >= this.#answered) {
      this.#again(missing);
    }
    this.#begin(from);
    const lost = this.#lost / RATE;
    this.#lost = 0;
    return lost;
  }

  /**
   * When the sample at a position was spoken, and when it would have been sent had it not had to wait for the rest of
   * its message: the server, too, counts that wait out.
   *
   * @param {number} position Milliseconds, as the server counts.
   * @returns {{ spoken: number, sent: number } | null} Milliseconds of the page's clock; null where it was forgotten.
   */
  when(position) {
    const at = (position * RATE) / 1000;
    const trace = this.#traces.find(({ end }) => end >= at);
    if (!trace || at < trace.end - trace.samples) {
      return null;
    }
    const spoken = trace.ended - ((trace.end - at) / RATE) * 1000;
    return { spoken, sent: spoken + trace.sent - trace.ended };
  }

  /** Forget what waits: nobody is to hear it. */
  clear() {
    this.#waiting = [];
  }

  /** @param {number} samples Of the last ones sent, so many are sent again. */
  #again(samples) {
    for (let left = samples; left > 0;) {
      const piece = /** @type {Piece} */ (this.#sent.pop());
      const tail = piece.pcm.length > left ? piece.pcm.subarray(-left) : piece.pcm;
      this.#waiting.unshift({ ...piece, pcm: tail });
      left -= tail.length;
    }
  }

  /** @param {number} position Where the server counts on from. */
  #begin(position) {
    this.#position = position;
    this.#answered = Math.min(this.#answered, position);
    this.#sent = [];
    this.#traces = this.#traces.filter(({ end }) => end <= position);
  }
}

/**
 * Give up the oldest pieces of a line that is too long.
 *
 * @param {Piece[]} pieces
 * @param {number} most Samples.
 * @returns {number} Samples that were given up.
 */
function trim(pieces, most) {
  let excess = pieces.reduce((sum, { pcm }) => sum + pcm.length, 0) - most;
  let lost = 0;
  while (excess > 0) {
    const { length } = /** @type {Piece} */ (pieces.shift()).pcm;
    excess -= length;
    lost += length;
  }
  return lost;
}
