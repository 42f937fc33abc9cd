/** All that a call has to do with sound: the audio thread, its clock, one microphone and one voice. */

import { Microphone, OPENED_WITH, reasonOf } from "./microphone.js";
import { SoundClock } from "./soundclock.js";
import { Speaker } from "./speaker.js";

/** @typedef {import("./types.js").Settings} Settings */
/** @typedef {import("./types.js").FailureReason} FailureReason */

/**
 * Who is told, besides what the `Speaker` tells. Times are milliseconds of the page's clock.
 *
 * @typedef {object} Own
 * @property {(piece: import("./uplink.js").Piece, power: number) => void} captured The microphone's next 20 ms.
 * @property {(voiced: boolean) => void} voice Somebody seems to have begun to speak into it, or to have stopped.
 * @property {(code: string, message: string) => void} notice
 *
 * @typedef {Own & import("./speaker.js").Listener} Listener
 */

/** Milliseconds in which a sound system that may start has started. */
const STARTED = 1000;

/** Why there is no sound. */
export class Silent extends Error {
  /** @param {FailureReason} reason */
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** The sound of one call. */
export class Sound {
  #context;
  #clock = new SoundClock();
  #listener;
  #settings;
  /** Ends what listens to the page. */
  #over = new AbortController();

  /**
   * @param {AudioContext} context Whose worklets are loaded.
   * @param {Settings} settings
   * @param {Listener} listener
   */
  constructor(context, settings, listener) {
    this.#context = context;
    this.#settings = settings;
    this.#listener = listener;
    this.speaker = new Speaker(context, this.#clock, listener);
    this.microphone = new Microphone(context, {
      captured: (message, latency) => this.#captured(message, latency),
      changed: (found) =>
        found
          ? listener.notice("microphone-changed", "Another microphone is used now.")
          : listener.notice("microphone-lost", "The microphone is gone."),
    });
    const { signal } = this.#over;
    context.addEventListener("statechange", () => this.#stirred(), { signal });
    document.addEventListener("pointerdown", () => void context.resume(), { signal });
  }

  /**
   * Ask for the microphone, and get everything going. Throws `Silent` where that cannot be.
   *
   * @param {Settings} settings
   * @param {Listener} listener
   */
  static async open(settings, listener) {
    const { forbidden } = Microphone;
    if (forbidden) {
      throw new Silent(forbidden);
    }
    const context = await openContext();
    const sound = new Sound(context, settings, listener);
    try {
      await sound.microphone.open(settings);
    } catch (error) {
      sound.close();
      throw new Silent(reasonOf(error));
    }
    await sound.#playThrough(settings.outputDevice);
    void context.resume();
    setTimeout(() => sound.#check(), STARTED);
    return sound;
  }

  /**
   * Use other devices, where these settings want others. What cannot be used is told, and the old one stays.
   *
   * @param {Settings} settings
   */
  async configure(settings) {
    const before = this.#settings;
    this.#settings = settings;
    if (settings.outputDevice !== before.outputDevice) {
      await this.#playThrough(settings.outputDevice);
    }
    if (OPENED_WITH.some((name) => settings[name] !== before[name])) {
      await this.microphone.open(settings).catch((error) => {
        this.#listener.notice(reasonOf(error), "This microphone cannot be used.");
      });
    }
  }

  close() {
    this.#over.abort();
    this.microphone.close();
    this.speaker.close();
    void this.#context.close();
  }

  /** @param {string} [device] */
  async #playThrough(device = "") {
    try {
      await this.speaker.use(device);
    } catch {
      this.#listener.notice("output-device", "These speakers cannot be used; the system's are.");
    }
  }

  /**
   * @param {import("../worklets/capture.js").Captured} message
   * @param {number} latency Seconds
   */
  #captured(message, latency) {
    this.#clock.observe(message.now, performance.now());
    if (message.kind === "voice") {
      this.#listener.voice(message.voiced);
    } else {
      const ended = this.#clock.page(message.ended - latency);
      this.#listener.captured({ pcm: message.pcm, ended }, message.power);
    }
  }

  /** The browser has stopped the sound, or let it go on. */
  #stirred() {
    this.#clock.reset();
    this.#check();
  }

  #check() {
    if (this.#context.state !== "running" && this.#context.state !== "closed") {
      this.#listener.notice("sound-blocked", "The browser plays nothing until you touch the page.");
    }
  }
}

/** A sound system with our worklets in it. Throws `Silent`. */
async function openContext() {
  try {
    const context = new AudioContext({ latencyHint: "interactive" });
    await Promise.all([Microphone.prepare(context), Speaker.prepare(context)]);
    return context;
  } catch {
    throw new Silent("no-audio");
  }
}
