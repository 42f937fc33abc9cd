/** The big button and the space bar: pressed in hands-free talk, held down otherwise. */

import { listen } from "./keys.js";
import { live, press } from "./stage.js";

/** @typedef {import("../types.js").State} State */

/**
 * @typedef {object} Wishes
 * @property {() => void} start Talking, in a call of its own or in one that is for typing only so far.
 * @property {() => void} end
 * @property {(down: boolean) => void} hold Only while there is a call.
 * @property {() => void} type
 * @property {() => void} mute
 * @property {() => void} hush
 */

export class TalkButton {
  /** Whether it is down just now: also before there is a call that could hear it. */
  held = false;

  #situation;
  #wishes;

  /**
   * @param {HTMLButtonElement} button
   * @param {() => { state: State, handsFree: boolean }} situation
   * @param {Wishes} wishes
   */
  constructor(button, situation, wishes) {
    this.#situation = situation;
    this.#wishes = wishes;
    this.#listen(button);
    const { type, mute, hush } = wishes;
    const talk = (/** @type {boolean} */ down) => {
      if (!down || this.#press !== "end" || document.activeElement === button) this.#put(down);
    };
    listen(button, { talk, type, mute, hush });
  }

  /** @param {HTMLButtonElement} button */
  #listen(button) {
    button.addEventListener("click", ({ detail }) => {
      // In push-to-talk a click with a pointer has been a hold; one without is a screen reader's, which cannot hold.
      if (this.#press !== "hold") this.#put(true);
      else if (detail === 0) this.#wishes.start();
    });
    button.addEventListener("pointerdown", ({ button: which, pointerId }) => {
      if (this.#press !== "hold" || which !== 0) return;
      button.setPointerCapture(pointerId);
      this.#put(true);
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      button.addEventListener(end, () => this.#put(false));
    }
    button.addEventListener("contextmenu", (event) => event.preventDefault()); // a long press, on a phone
  }

  get #press() {
    const { state, handsFree } = this.#situation();
    return press(state, handsFree);
  }

  /** @param {boolean} down */
  #put(down) {
    if (!down) return this.#release();
    const { state } = this.#situation();
    this.held = this.#press === "hold";
    if (this.#press === "end") this.#wishes.end();
    else if (!live(state.state) || state.typing) this.#wishes.start();
    else this.#wishes.hold(true);
  }

  #release() {
    if (!this.held) return;
    this.held = false;
    if (live(this.#situation().state.state)) this.#wishes.hold(false);
  }
}
