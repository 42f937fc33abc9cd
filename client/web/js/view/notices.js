/** Lines that come, are read, and go. */

import { html, the } from "./dom.js";

/** Seconds a line stays: long enough to be read twice. */
const STAY = 6;

export class Notices {
  #place = the("notices", HTMLElement);

  /** @param {string} text */
  show(text) {
    for (const other of this.#place.children) if (other.textContent === text) other.remove();
    const line = html("p", { class: "notice" }, text);
    (document.querySelector("dialog[open]") ?? document.body).append(this.#place); // behind a dialog nobody sees it
    this.#place.append(line);
    setTimeout(() => line.remove(), STAY * 1000);
  }
}
