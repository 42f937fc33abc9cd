/** The speakers: answers go in as they come, and what is really heard of them comes out. */

import { RATE } from "./pcm.js";

/** @typedef {import("../worklets/playback.js").Order} Order */
/** @typedef {import("../worklets/playback.js").Played} Played */

const WORKLET = new URL("../worklets/playback.js", import.meta.url);

/** @typedef {{ item: string, seconds: number, share: number }} Heard How much of a cut answer, and of what came. */

/**
 * Who is told. Times are milliseconds of the page's clock.
 *
 * @typedef {object} Listener
 * @property {(item: string, rendered: number, heard: number) => void} began
 * @property {(item: string) => void} ended
 * @property {(power: number) => void} level
 */

/** The voice of the call. */
export class Speaker {
  /** Silences in the middle of an answer, for its sound did not come in time. */
  gaps = 0;

  #context;
  #clock;
  #listener;
  #node;
  /** @type {Map<string, number>} Items that are not heard to their end: samples that came. */
  #items = new Map();
  /** @type {Set<string>} Items that were cut: what still comes of them is not played. */
  #cut = new Set();
  /** @type {Set<string>} Items that are being heard. */
  #audible = new Set();
  /** @type {((heard: Heard[]) => void)[]} Who waits for quiet. */
  #waiting = [];

  /**
   * @param {AudioContext} context
   * @param {import("./soundclock.js").SoundClock} clock
   * @param {Listener} listener
   */
  constructor(context, clock, listener) {
    this.#context = context;
    this.#clock = clock;
    this.#listener = listener;
    this.#node = new AudioWorkletNode(context, "playback", { numberOfInputs: 0, outputChannelCount: [1] });
    this.#node.port.onmessage = ({ data }) => this.#take(data);
    this.#node.connect(context.destination);
  }

  /**
   * Load what the audio thread needs.
   *
   * @param {AudioContext} context
   */
  static async prepare(context) {
    await context.audioWorklet.addModule(WORKLET);
  }

  /** Whether an answer is being heard. */
  get speaking() {
    return this.#audible.size > 0;
  }

  /** Whether an answer is being heard, or about to. */
  get busy() {
    return this.#items.size > 0;
  }

  /**
   * The next sound of an answer.
   *
   * @param {string} item
   * @param {Int16Array<ArrayBuffer>} pcm
   */
  play(item, pcm) {
    if (!this.#cut.has(item)) {
      this.#items.set(item, (this.#items.get(item) ?? 0) + pcm.length);
      this.#order({ kind: "add", item, pcm }, [pcm.buffer]);
    }
  }

  /**
   * All sound of this answer has come.
   *
   * @param {string} item
   */
  finish(item) {
    this.#order({ kind: "finish", item });
  }

  /** No more sound will come of anything that came so far. */
  finishAll() {
    [...this.#items.keys()].forEach((item) => this.finish(item));
  }

  /**
   * Be quiet at once.
   *
   * @returns {Promise<Heard[]>} What was not heard to its end; soon, once it is known.
   */
  hush() {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#order({ kind: "hush" });
    });
  }

  /** @param {number} gain 0 to 1 */
  duck(gain) {
    this.#order({ kind: "duck", gain });
  }

  /**
   * Play through other speakers. Not every browser can.
   *
   * @param {string} device Empty for the system's choice.
   */
  async use(device) {
    if ("setSinkId" in this.#context) {
      await /** @type {any} */ (this.#context).setSinkId(device);
    } else if (device) {
      throw new TypeError("this browser plays through the system's speakers only");
    }
  }

  close() {
    this.#order({ kind: "close" });
    this.#node.port.onmessage = null;
    this.#node.disconnect();
  }

  /** Seconds from a rendered sample to the ear, as far as the browser knows. */
  get #latency() {
    return this.#context.outputLatency || this.#context.baseLatency || 0;
  }

  /** @param {Played} message */
  #take(message) {
    this.#clock.observe(message.now, performance.now());
    if (message.kind === "level") {
      return this.#listener.level(message.power);
    }
    const { news } = message;
    switch (news.kind) {
      case "began":
        return this.#began(news.item, message.at);
      case "gap":
        this.gaps++;
        return;
      case "ended":
        this.#items.delete(news.item);
        this.#audible.delete(news.item);
        return this.#listener.ended(news.item);
      case "hushed":
        return this.#hushed(news.cuts);
    }
  }

  /**
   * @param {string} item
   * @param {number} at Seconds of the sound system's clock.
   */
  #began(item, at) {
    const { contextTime = 0, performanceTime = 0 } = this.#context.getOutputTimestamp();
    const latency = this.#latency * 1000;
    const heard = contextTime ? performanceTime + (at - contextTime) * 1000 : this.#clock.page(at) + latency;
    this.#audible.add(item);
    this.#listener.began(item, heard - latency, heard);
  }

  /** @param {import("./playout.js").Cut[]} cuts */
  #hushed(cuts) {
    const heard = cuts.map(({ item, seconds }) => {
      const really = Math.max(0, seconds - this.#latency);
      return { item, seconds: really, share: Math.min(1, (really * RATE) / (this.#items.get(item) || Infinity)) };
    });
    for (const { item } of cuts) {
      this.#cut.add(item);
      this.#items.delete(item);
      this.#audible.delete(item);
    }
    this.#waiting.splice(0).forEach((resolve) => resolve(heard));
  }

  /**
   * @param {Order} order
   * @param {Transferable[]} [transfer]
   */
  #order(order, transfer = []) {
    this.#node.port.postMessage(order, transfer);
  }
}
