/** Lines that come, are read, and go. */

import { html, the } from "./dom.js";

/** Seconds a line stays: long enough to be read twice. */
const STAY = 6;

export class Notices {
  #place = the("notices", HTMLElement);

  /** @param {string} text */
  show(text) {
    const place = document.querySelector("dialog[open] > .notices") ?? this.#place; // behind a dialog nobody sees it
    for (const other of place.children) if (other.textContent === text) other.remove();
    const line = html("p", { class: "notice" }, text);
    place.append(line);
    setTimeout(() => line.remove(), STAY * 1000);
  }
}
