/** Who has the floor: an answer steps back for a voice, and is cut short if the server hears it too. */

import { BargeIn, CONFIRM, DUCKED } from "./bargein.js";

/** @typedef {import("./speaker.js").Heard} Heard */

/** The floor of one call. */
export class Floor {
  #speaker;
  #cut;
  #bargeIn = new BargeIn();
  #timer = 0;

  /**
   * @param {Pick<import("./speaker.js").Speaker, "speaking" | "busy" | "duck" | "hush">} speaker
   * @param {(cuts: Heard[]) => void} cut Told of answers that were not heard to their end.
   */
  constructor(speaker, cut) {
    this.#speaker = speaker;
    this.#cut = cut;
  }

  /** There seems to be a voice in the microphone. */
  voice() {
    if (this.#bargeIn.voice(this.#speaker.speaking)) {
      this.#speaker.duck(DUCKED);
      clearTimeout(this.#timer);
      this.#timer = /** @type {any} */ (setTimeout(() => this.#doubt(), CONFIRM));
    }
  }

  /**
   * The user takes the floor: the server has heard a voice, or a button was pressed.
   *
   * @returns {boolean} Whether that interrupts anything.
   */
  take() {
    const { busy } = this.#speaker;
    clearTimeout(this.#timer);
    this.#bargeIn.confirm();
    if (busy) {
      void this.#speaker.hush().then(this.#cut);
    }
    return busy;
  }

  /** An answer begins to be heard. */
  give() {
    this.#bargeIn.begin();
  }

  /** Nobody has confirmed the voice. */
  #doubt() {
    if (this.#bargeIn.cough()) {
      this.#speaker.duck(1);
    }
  }
}
