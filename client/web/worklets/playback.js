/** In the audio thread: plays what the page sends, and tells it what is really being heard. */

import { power } from "../js/pcm.js";
import { Playout } from "../js/playout.js";

/** Seconds between two reports of the loudness. */
const REPORT = 0.05;

/**
 * A message from the page.
 *
 * @typedef {{ kind: "add", item: string, pcm: Int16Array } | { kind: "finish", item: string } | { kind: "hush" }
 *   | { kind: "duck", gain: number } | { kind: "close" }} Order
 */

/**
 * A message to the page: news, with `at` their time; or how loud it is. Times are the sound system's, seconds.
 *
 * @typedef {{ kind: "news", news: import("../js/playout.js").News, at: number, now: number }
 *   | { kind: "level", power: number, now: number }} Played
 */

class Playback extends AudioWorkletProcessor {
  #playout = new Playout(sampleRate);
  #open = true;
  #power = 0;
  #blocks = 0;
  /** Whether there was anything to hear when that was told last. */
  #loud = false;

  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.#obey(data);
  }

  /**
   * @override
   * @param {Float32Array[][]} _inputs
   * @param {Float32Array[][]} outputs
   */
  process(_inputs, outputs) {
    const first = outputs[0]?.[0]; // of one: see Speaker
    if (first) {
      this.#report(first, this.#playout.render(first));
    }
    return this.#open;
  }

  /** @param {Order} order */
  #obey(order) {
    switch (order.kind) {
      case "add":
        return this.#playout.add(order.item, order.pcm);
      case "finish":
        return this.#playout.finish(order.item);
      case "hush":
        return this.#playout.hush();
      case "duck":
        return this.#playout.duck(order.gain);
      case "close":
        this.#open = false;
    }
  }

  /**
   * @param {Float32Array} rendered
   * @param {import("../js/playout.js").News[]} news
   */
  #report(rendered, news) {
    const now = currentTime + rendered.length / sampleRate;
    for (const one of news) {
      const at = currentTime + ("offset" in one ? one.offset / sampleRate : 0);
      this.#tell({ kind: "news", news: one, at, now });
    }
    this.#power += power(rendered);
    this.#blocks++;
    if (this.#blocks * rendered.length >= REPORT * sampleRate) {
      if (this.#power || this.#loud) {
        this.#tell({ kind: "level", power: this.#power / this.#blocks, now });
      }
      this.#loud = this.#power > 0;
      this.#power = this.#blocks = 0;
    }
  }

  /** @param {Played} message */
  #tell(message) {
    this.port.postMessage(message);
  }
}

registerProcessor("playback", Playback);
