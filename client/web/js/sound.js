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
 * @property {(found: boolean) => void} microphone There is one now, or none any more.
 * @property {(code: string, message: string) => void} notice
 *
 * @typedef {Own & import("./speaker.js").Listener} Listener
 */

/** Milliseconds in which a sound system that may start has started, and a server that is there has sent worklets. */
const STARTED = 1000;
const SENT = 5000;

/** Milliseconds between two reminders that nothing can be heard. */
const REMIND = 8000;

/** What a browser may let sound go on after; of a finger, only its leaving counts as the user's wish. */
const GESTURES = ["pointerup", "keydown", "visibilitychange"];

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
  /** Whether the user wants to be heard: nobody who only types is asked for the microphone. */
  #wanted = false;

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
      changed: (refused) => {
        listener.microphone(!refused);
        if (refused) {
          listener.notice(refused === "no-microphone" ? "microphone-lost" : refused, "The microphone is gone.");
        } else {
          listener.notice("microphone-changed", "Another microphone is used now.");
        }
      },
    });
    const { signal } = this.#over;
    context.addEventListener("statechange", () => this.#stirred(), { signal });
    for (const gesture of GESTURES) {
      document.addEventListener(gesture, () => void context.resume(), { signal, capture: true });
    }
    const timer = setInterval(() => this.#check(), REMIND);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /**
   * Get everything going, and ask for the microphone if it is wanted. Throws `Silent` where that cannot be.
   *
   * @param {Settings} settings
   * @param {Listener} listener
   * @param {boolean} wanted
   */
  static async open(settings, listener, wanted) {
    const { forbidden } = Microphone;
    if (forbidden) {
      throw new Silent(forbidden);
    }
    const context = await openContext();
    const sound = new Sound(context, settings, listener);
    try {
      sound.#wanted = wanted;
      await (wanted && sound.microphone.open(settings));
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
    if (this.#wanted && OPENED_WITH.some((name) => settings[name] !== before[name])) {
      await this.listen();
    }
  }

  /** Ask for the microphone that the settings want. If it is not to be had, that is told, and all else goes on. */
  async listen() {
    this.#wanted = true;
    const refused = await this.microphone.open(this.#settings).then(() => null, reasonOf);
    if (this.#over.signal.aborted) {
      return;
    }
    if (refused) {
      this.#listener.notice(refused, "This microphone cannot be used.");
    } else {
      this.#listener.microphone(true);
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

  /** The browser has stopped the sound, or let it go on; it does both when another device is chosen. */
  #stirred() {
    this.#clock.reset();
    setTimeout(() => this.#check(), STARTED);
  }

  #check() {
    if (this.#context.state !== "running" && this.#context.state !== "closed") {
      this.#listener.notice("sound-blocked", "The browser plays nothing until you touch the page.");
    }
  }
}

/** A sound system with our worklets in it. Throws `Silent`. */
async function openContext() {
  /** @type {AudioContext | undefined} */
  let context;
  try {
    context = new AudioContext({ latencyHint: "interactive" });
    await Promise.race([Promise.all([Microphone.prepare(context), Speaker.prepare(context)]), tooLate()]);
    return context;
  } catch (error) {
    void context?.close();
    // The worklets are the first thing to be fetched since the page was; whether they came is all that this name tells.
    throw new Silent(error instanceof DOMException && error.name === "AbortError" ? "server-gone" : "no-audio");
  }
}

/** Fails as a fetch does, for a server that says nothing at all. */
async function tooLate() {
  await new Promise((resolve) => setTimeout(resolve, SENT));
  throw new DOMException("the worklets do not come", "AbortError");
}
