/** From one sample rate to another, as a stream: a polyphase filter computes only the samples wanted. */

/** Zero crossings of the sinc on either side; the delay is as many samples of the slower rate, 1 ms at 24 kHz. */
const CROSSINGS = 24;

/** Where the filter is 6 dB down, as a share of the slower rate's half; at that half itself it is 70 dB down. */
const CUTOFF = 0.91;

/** Of the Kaiser window: 70 dB in the stop band. */
const BETA = 6.8;

/** A stream that changes its rate. Both rates are whole numbers of samples per second. */
export class Resampler {
  #up;
  #down;
  #half;
  #bank;
  /** Input that is still needed; `#held` samples of it, of which the next output needs those from `#at` on. */
  #work;
  #held = 0;
  #at = 0;
  /** How far the next output lies behind the input sample in its middle, in `#up`-ths. */
  #phase = 0;
  #out = new Float32Array(0);

  /**
   * @param {number} from
   * @param {number} to
   */
  constructor(from, to) {
    const common = divisor(from, to);
    const scale = Math.max(1, from / to);
    this.#up = to / common;
    this.#down = from / common;
    this.#half = Math.ceil(CROSSINGS * scale);
    this.#bank = bank(this.#up, this.#half, CUTOFF / scale);
    this.#work = new Float32Array(4 * this.#half + 512);
    this.reset();
  }

  /** Samples it keeps back: so many, of silence, must follow the last one before that comes out. */
  get delay() {
    return this.#half;
  }

  /** Forget what was pushed: silence went before. */
  reset() {
    this.#held = this.#half - 1;
    this.#work.fill(0, 0, this.#held);
    this.#at = 0;
    this.#phase = 0;
  }

  /**
   * @param {Float32Array} samples
   * @returns {Float32Array} What comes out so far. It is good until the next call.
   */
  push(samples) {
    this.#append(samples);
    const taps = 2 * this.#half;
    const room = Math.ceil(((this.#held - this.#at) * this.#up) / this.#down) + 1;
    if (this.#out.length < room) {
      this.#out = new Float32Array(room);
    }
    let count = 0;
    while (this.#at + taps <= this.#held) {
      this.#out[count++] = this.#sample(taps);
      this.#phase += this.#down;
      this.#at += Math.floor(this.#phase / this.#up);
      this.#phase %= this.#up;
    }
    return this.#out.subarray(0, count);
  }

  /** @param {number} taps */
  #sample(taps) {
    const [work, bank, first, filter] = [this.#work, this.#bank, this.#at, this.#phase * taps];
    let sum = 0;
    for (let k = 0; k < taps; k++) {
      sum += /** @type {number} */ (work[first + k]) * /** @type {number} */ (bank[filter + k]);
    }
    return sum;
  }

  /** @param {Float32Array} samples */
  #append(samples) {
    const used = Math.min(this.#at, this.#held);
    this.#work.copyWithin(0, used, this.#held);
    this.#held -= used;
    this.#at -= used;
    if (this.#held + samples.length > this.#work.length) {
      const wider = new Float32Array(2 * (this.#held + samples.length));
      wider.set(this.#work.subarray(0, this.#held));
      this.#work = wider;
    }
    this.#work.set(samples, this.#held);
    this.#held += samples.length;
  }
}

/**
 * One filter for each distance an output can have from the input samples around it, each with a gain of 1.
 *
 * @param {number} phases
 * @param {number} half Taps on either side.
 * @param {number} cutoff As a share of half the input's rate.
 */
function bank(phases, half, cutoff) {
  const taps = 2 * half;
  const filters = new Float32Array(phases * taps);
  for (let phase = 0; phase < phases; phase++) {
    const filter = filters.subarray(phase * taps, (phase + 1) * taps);
    for (let k = 0; k < taps; k++) {
      const distance = k - (half - 1) - phase / phases;
      filter[k] = sinc(cutoff * distance) * kaiser(distance / half);
    }
    const gain = filter.reduce((sum, tap) => sum + tap, 0);
    filter.forEach((tap, k) => (filter[k] = tap / gain));
  }
  return filters;
}

/** @param {number} x */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x -1 to 1 */
function kaiser(x) {
  return Math.abs(x) > 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/**
 * The modified Bessel function of order zero, by its power series.
 *
 * @param {number} x
 */
function bessel(x) {
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number} The greatest whole number that divides both.
 */
function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}
