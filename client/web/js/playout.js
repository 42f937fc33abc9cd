/** The answers' sound on its way to the speakers: buffered as little as the network allows, faded, ducked, counted. */

import { Fader } from "./fader.js";
import { RATE, release } from "./pcm.js";
import { Resampler } from "./resample.js";

/** Seconds of sound that must be there before it is played: at first, more after each gap, and at most. */
export const LEAD = 0.04;
const MORE_LEAD = 0.04;
const MOST_LEAD = 0.2;

/** Samples of the wire that are taken at a time, 2.5 ms; the first are faded in and the last out. */
const BLOCK = 60;

/** Seconds in which the sound dies when it is to be quiet, and in which it steps back and comes forward. */
const HUSH = 0.005;
const DUCK = 0.02;
const UNDUCK = 0.15;

/** @typedef {{ item: string, seconds: number }} Cut An item that is not heard to its end, and how much of it was. */

/**
 * What happened while rendering. `offset` counts the samples just rendered.
 *
 * - `began`: the first sample of an item is at `offset`; `ended`: its last one is near
 * - `gap`: it goes on at `offset` after a silence, for its sound had not come in time
 * - `hushed`: it is quiet, as was asked
 *
 * @typedef {{ kind: "began" | "ended" | "gap", item: string, offset: number } | { kind: "hushed", cuts: Cut[] }} News
 */

/** @type {News[]} The same one always: the audio thread asks 375 times a second, and its garbage is collected late. */
const NOTHING = [];

/** @typedef {{ item: string, waiting: Int16Array[], taken: number, whole: boolean }} Sound */

/** The queue before the speakers: sound of the wire goes in, samples of -1 to 1 at the speakers' rate come out. */
export class Playout {
  /** Seconds of sound that are waited for, before it begins. */
  lead = LEAD;

  /** @type {Sound[]} In the order in which they are played. */
  #sounds = [];
  #playing = false;
  /** @type {Sound[] | null} What dies away, and will be dropped. */
  #dying = null;
  #rate;
  #resampler;
  #fader;
  #block = new Float32Array(BLOCK);
  /** @type {Float32Array} What has been resampled and is not rendered yet. */
  #ready = new Float32Array(0);
  /** @type {News[]} */
  #news = [];

  /** @param {number} rate Samples per second of the speakers. */
  constructor(rate) {
    this.#rate = rate;
    this.#resampler = new Resampler(RATE, rate);
    this.#fader = new Fader(rate);
  }

  /** Seconds of sound that wait to be rendered. */
  get waiting() {
    const samples = this.#sounds.flatMap((sound) => sound.waiting).reduce((sum, pcm) => sum + pcm.length, 0);
    return samples / RATE + this.#ready.length / this.#rate;
  }

  /**
   * The next sound of an item.
   *
   * @param {string} item
   * @param {Int16Array} pcm 24 kHz. It is ours from now on, and gone when it has been played.
   */
  add(item, pcm) {
    const sound = this.#sounds.find((one) => one.item === item);
    if (sound) {
      sound.waiting.push(pcm);
    } else {
      this.#sounds.push({ item, waiting: [pcm], taken: 0, whole: false });
    }
  }

  /**
   * No more sound of this item will come.
   *
   * @param {string} item
   */
  finish(item) {
    const sound = this.#sounds.find((one) => one.item === item);
    if (sound) {
      sound.whole = true;
    }
  }

  /** Be quiet within 5 ms, and forget all that waits; the news will tell when, and what was not heard. */
  hush() {
    this.#dying = [...this.#sounds];
    this.#fader.to(0, HUSH);
  }

  /**
   * Step back behind another voice, or (with 1) come forward again.
   *
   * @param {number} gain 0 to 1
   */
  duck(gain) {
    if (!this.#dying) {
      this.#fader.to(gain, gain < this.#fader.gain ? DUCK : UNDUCK);
    }
  }

  /**
   * @param {Float32Array} out Filled with the next samples, or silence.
   * @returns {News[]}
   */
  render(out) {
    let filled = 0;
    while (filled < out.length && this.#prepare(filled)) {
      const piece = this.#ready.subarray(0, out.length - filled);
      for (const sample of piece) {
        out[filled++] = sample * this.#fader.next();
      }
      this.#ready = this.#ready.subarray(piece.length);
    }
    out.fill(0, filled);
    if (this.#dying && (filled < out.length || this.#fader.gain === 0)) {
      this.#drop(this.#dying);
    }
    return this.#news.length ? this.#news.splice(0) : NOTHING;
  }

  /**
   * See to it that something is ready.
   *
   * @param {number} offset Where it will be rendered.
   * @returns {boolean} Whether there is anything.
   */
  #prepare(offset) {
    while (!this.#ready.length) {
      const sound = this.#sounds[0];
      if (!sound || !(this.#playing || this.#enough(sound))) {
        return false;
      }
      this.#take(sound, offset);
    }
    return true;
  }

  /**
   * Whether there is enough to begin with: so much that it may last, or all that will come.
   *
   * @param {Sound} sound
   */
  #enough(sound) {
    return sound.whole || this.#sounds.length > 1 || this.waiting >= this.lead;
  }

  /**
   * Make the next block of a sound ready.
   *
   * @param {Sound} sound The first one.
   * @param {number} offset
   */
  #take(sound, offset) {
    const first = !this.#playing;
    if (first && sound.waiting.length) {
      this.#announce(sound, offset);
    }
    const block = this.#block.subarray(0, this.#fill(sound));
    if (!sound.waiting.length && (sound.whole || this.#sounds.length > 1)) {
      this.#sounds.shift();
      this.#news.push({ kind: "ended", item: sound.item, offset });
      this.lead = Math.max(this.lead - MORE_LEAD / 4, LEAD);
    }
    const next = this.#sounds[0];
    this.#playing = Boolean(next?.waiting.length);
    if (this.#playing && next && next !== sound) {
      this.#announce(next, offset);
    }
    ramp(block, first, !this.#playing);
    this.#ready = this.#resampler.push(block);
    if (!this.#playing) {
      this.#ready = Float32Array.of(...this.#ready, ...this.#resampler.push(new Float32Array(this.#resampler.delay)));
      this.#resampler.reset();
    }
  }

  /**
   * @param {Sound} sound
   * @param {number} offset
   */
  #announce(sound, offset) {
    if (sound.taken) {
      this.lead = Math.min(this.lead + MORE_LEAD, MOST_LEAD);
    }
    this.#news.push({ kind: sound.taken ? "gap" : "began", item: sound.item, offset });
  }

  /**
   * Fill the block from a sound, as far as that goes.
   *
   * @param {Sound} sound
   * @returns {number} Samples.
   */
  #fill(sound) {
    let filled = 0;
    for (let pcm = sound.waiting[0]; pcm && filled < BLOCK; pcm = sound.waiting[0]) {
      const piece = pcm.subarray(0, BLOCK - filled);
      for (const sample of piece) {
        this.#block[filled++] = sample / 32768;
      }
      if (piece.length < pcm.length) {
        sound.waiting[0] = pcm.subarray(piece.length);
      } else {
        sound.waiting.shift();
        release(pcm);
      }
    }
    sound.taken += filled;
    return filled;
  }

  /** @param {Sound[]} dead */
  #drop(dead) {
    const ready = this.#ready.length / this.#rate;
    const cut = dead.filter((sound) => this.#sounds.includes(sound));
    const cuts = cut.map(({ item, taken }) => ({ item, seconds: Math.max(0, taken / RATE - ready) }));
    this.#news.push({ kind: "hushed", cuts });
    cut.forEach(({ waiting }) => waiting.forEach(release));
    this.#sounds = this.#sounds.filter((sound) => !dead.includes(sound));
    this.#dying = null;
    this.#ready = this.#ready.subarray(0, 0);
    this.#resampler.reset();
    this.#playing = false;
    this.#fader.jump(1);
  }
}

/**
 * Fade a block in, or out, or both.
 *
 * @param {Float32Array} block
 * @param {boolean} begins
 * @param {boolean} ends
 */
function ramp(block, begins, ends) {
  for (let i = 0; i < block.length; i++) {
    const [before, after] = [i / block.length, (block.length - i) / block.length];
    block[i] = (block[i] ?? 0) * (begins ? before : 1) * (ends ? after : 1);
  }
}
