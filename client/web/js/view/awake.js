/** Keeps the screen of a phone from going dark, and the call with it, in the middle of a conversation. */

export class Awake {
  #wanted = false;

  /** @type {WakeLockSentinel | null} */
  #lock = null;

  constructor() {
    // The browser takes the lock away whenever the page is hidden.
    document.addEventListener("visibilitychange", () => void this.#take());
  }

  /** @param {boolean} wanted */
  keep(wanted) {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) void this.#take();
    else void this.#lock?.release();
  }

  async #take() {
    if (!this.#wanted || document.visibilityState !== "visible") return;
    try {
      const lock = await navigator.wakeLock?.request("screen");
      await this.#lock?.release(); // one that was asked for before
      this.#lock = lock;
      if (!this.#wanted) await lock?.release(); // the call has failed meanwhile
    } catch {
      // A low battery, or a policy: the screen may go dark, as it would without us.
    }
  }
}
