/** In the audio thread: the microphone's sound, on its way to the wire's rate, in messages of 20 ms. */

import { Detector } from "../js/detector.js";
import { RATE, power, toInt16 } from "../js/pcm.js";
import { Resampler } from "../js/resample.js";

/** Samples of the wire in a message, 20 ms. */
const CHUNK = 480;

/**
 * A message to the page: sound, or that a voice has begun or ended.
 *
 * @typedef {{ kind: "sound", pcm: Int16Array, power: number, now: number, ended: number }
 *   | { kind: "voice", voiced: boolean, now: number }} Captured
 * `now` is the sound system's time, `ended` when the last sample of this was captured, seconds.
 */

class Capture extends AudioWorkletProcessor {
  #resampler = new Resampler(sampleRate, RATE);
  #detector = new Detector(RATE);
  #chunk = new Float32Array(CHUNK);
  #filled = 0;

  /**
   * @override
   * @param {Float32Array[][]} inputs
   */
  process(inputs) {
    const sound = inputs[0]?.[0];
    if (sound) {
      this.#hear(sound);
    }
    return true;
  }

  /** @param {Float32Array} sound */
  #hear(sound) {
    const now = currentTime + sound.length / sampleRate;
    const heard = this.#resampler.push(sound);
    const { voiced } = this.#detector;
    this.#detector.push(heard);
    if (this.#detector.voiced !== voiced) {
      this.#tell({ kind: "voice", voiced: !voiced, now });
    }
    for (let used = 0; used < heard.length;) {
      const piece = heard.subarray(used, used + CHUNK - this.#filled);
      this.#chunk.set(piece, this.#filled);
      this.#filled += piece.length;
      used += piece.length;
      if (this.#filled === CHUNK) {
        this.#send(now, now - this.#resampler.delay / sampleRate - (heard.length - used) / RATE);
      }
    }
  }

  /**
   * @param {number} now
   * @param {number} ended
   */
  #send(now, ended) {
    const pcm = toInt16(this.#chunk);
    this.#filled = 0;
    this.#tell({ kind: "sound", pcm, power: power(this.#chunk), now, ended }, [pcm.buffer]);
  }

  /**
   * @param {Captured} message
   * @param {Transferable[]} [transfer]
   */
  #tell(message, transfer = []) {
    this.port.postMessage(message, transfer);
  }
}

registerProcessor("capture", Capture);
