/** Hears within 40 to 80 ms that somebody may have begun to speak: quick and gullible, as the server decides. */

/** Seconds of a frame. */
const FRAME = 0.01;

/** How much louder than the background a voice is, and how much louder it stays. */
const ONSET_DB = 12;
const OFFSET_DB = 6;

/** What is quieter is no voice, however quiet the background; browsers' noise suppression makes it very quiet. */
const QUIETEST_DB = -50;

/** No room is as quiet. */
const MUTED_DB = -110;

/** So many of the last frames must be loud. */
const LOUD = 4;
const WINDOW = 6;

/** Frames of quiet that end a voice. */
const HANGOVER = 20;

/** How fast the idea of the background follows a louder one: in pauses, and while there seems to be a voice. */
const RISE_DB = 6;
const RISE_IN_VOICE_DB = 1;

/** Share of the way down that it goes in each frame that is quieter. */
const FALL = 0.2;

/** Below this corner a difference of samples attenuates: what hums and rumbles is no voice. */
const CORNER = 0.97;

/** A voice detector for one stream. */
export class Detector {
  /** Whether there seems to be a voice now. */
  voiced = false;

  #frame;
  #smooth = 0;
  #last = 0;
  #energy = 0;
  #count = 0;
  /** The background, dBFS; at first too loud, as it falls faster than it rises. */
  #floor = -20;
  /** One bit for each of the last frames. */
  #recent = 0;
  #quiet = 0;

  /** @param {number} rate Samples per second. */
  constructor(rate) {
    this.#frame = Math.round(rate * FRAME);
  }

  /**
   * Listen to the next samples, any number of them.
   *
   * @param {Float32Array} samples
   */
  push(samples) {
    for (const sample of samples) {
      this.#smooth = sample - this.#last + CORNER * this.#smooth;
      this.#last = sample;
      this.#energy += this.#smooth * this.#smooth;
      if (++this.#count === this.#frame) {
        this.#judge(10 * Math.log10(this.#energy / this.#frame + 1e-12));
        this.#energy = this.#count = 0;
      }
    }
  }

  /** @param {number} loudness Of a frame, dBFS. */
  #judge(loudness) {
    if (loudness < MUTED_DB) {
      this.voiced = false;
      return; // there is nothing to be learnt from a microphone that is off
    }
    const threshold = this.#floor + (this.voiced ? OFFSET_DB : ONSET_DB);
    const loud = loudness > Math.max(threshold, QUIETEST_DB);
    this.#recent = ((this.#recent << 1) | Number(loud)) & ((1 << WINDOW) - 1);
    this.#quiet = loud ? 0 : this.#quiet + 1;
    this.voiced = this.voiced ? this.#quiet < HANGOVER : ones(this.#recent) >= LOUD;
    const rise = (this.voiced ? RISE_IN_VOICE_DB : RISE_DB) * FRAME;
    const step = loudness < this.#floor ? FALL * (loudness - this.#floor) : Math.min(rise, loudness - this.#floor);
    this.#floor = Math.max(this.#floor + step, -90);
  }
}

/** @param {number} bits */
function ones(bits) {
  let count = 0;
  for (; bits; bits &= bits - 1) {
    count++;
  }
  return count;
}
