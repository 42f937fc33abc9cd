/** Where the timing panel is: beside the conversation where there is room, otherwise over it while it is asked for. */

import { the } from "./dom.js";

/** The width from which there is room; the same as in layout.css. */
const ROOM = "(min-width: 1180px)";

export class TimingPanel {
  #panel = the("timing", HTMLElement);
  #toggle = the("timing-toggle", HTMLButtonElement);
  #others = ["skip", "bar", "stage", "conversation"].map((id) => the(id, HTMLElement));
  #room = matchMedia(ROOM);

  /** Whether it is wanted beside the conversation. */
  #beside = true;

  /** Whether it is wanted over the conversation. */
  #over = false;

  /** Whether there is anything to show. */
  #any = false;

  constructor() {
    this.#room.addEventListener("change", () => this.#show());
    this.#toggle.addEventListener("click", () => this.#flip());
    the("timing-close", HTMLButtonElement).addEventListener("click", () => this.close() || this.#flip());
    this.#show();
  }

  /** @param {boolean} any Whether there is a turn to show. */
  settle(any) {
    this.#any = any;
    if (!any) this.#over = false;
    this.#show();
  }

  open() {
    this.#beside = this.#any = true;
    this.#over = !this.#room.matches;
    this.#show();
    this.#panel.focus();
  }

  /** Close it where it lies over the conversation; returns whether it did. */
  close() {
    if (!this.#over) return false;
    this.#over = false;
    this.#show();
    this.#toggle.focus();
    return true;
  }

  #flip() {
    if (this.#panel.hidden) return this.open();
    this.#beside = false;
    this.#show();
    this.#toggle.focus();
  }

  #show() {
    const room = this.#room.matches;
    if (room) this.#over = false;
    const shown = room ? this.#beside && this.#any : this.#over;
    this.#panel.hidden = !shown;
    this.#toggle.setAttribute("aria-expanded", String(shown));
    for (const other of this.#others) other.inert = this.#over;
  }
}
