/** What the user has chosen, kept by the browser. */

import { HOUSE, promptOf, theirName } from "./personas.js";

/** @typedef {import("../types.js").Settings} Settings */
/** @typedef {import("../types.js").Patience} Patience */
/** @typedef {import("./personas.js").Persona} Persona */

/**
 * @typedef {object} Preferences
 * @property {string} persona Id of one of the page's personas, the server's, or the user's own.
 * @property {Persona[]} personas The user's own.
 * @property {string} voice Empty for the server's choice, as are language, devices and key.
 * @property {string} language
 * @property {number} speed
 * @property {boolean} handsFree
 * @property {Patience} patience
 * @property {"auto" | "fast" | "best"} policy
 * @property {string} inputDevice
 * @property {string} outputDevice
 * @property {boolean} echoCancellation
 * @property {boolean} noiseSuppression
 * @property {boolean} autoGainControl
 * @property {string} key
 * @property {boolean} announce Whether screen readers are told of answers.
 * @property {"" | "en" | "zh"} pageLanguage Empty for the browser's.
 * @property {"system" | "light" | "dark"} theme
 */

/** @type {Readonly<Preferences>} */
export const USUAL = Object.freeze({
  persona: HOUSE,
  personas: [],
  voice: "",
  language: "",
  speed: 1,
  handsFree: true,
  patience: "auto",
  policy: "auto",
  inputDevice: "",
  outputDevice: "",
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  key: "",
  announce: false,
  pageLanguage: "",
  theme: "system",
});

/** Fields that have one of a few values. */
const ALLOWED = {
  patience: ["auto", "low", "medium", "high"],
  policy: ["auto", "fast", "best"],
  pageLanguage: ["", "en", "zh"],
  theme: ["system", "light", "dark"],
};

/** Under which all of it is kept. */
const PLACE = "antiphon";

/** Of the voice; the protocol's limits are 0.25 and 1.5, of which the ends cannot be understood. */
export const SPEED = { least: 0.7, most: 1.5, step: 0.05 };

/**
 * What was kept, as far as it can be made sense of: it may be an older page's, or edited by hand.
 *
 * @param {string | null} kept
 * @returns {Preferences}
 */
export function parse(kept) {
  const found = object(kept);
  const sound = Object.entries(USUAL).filter(([name, usual]) => fits(name, found[name], usual));
  const chosen = Object.fromEntries(sound.map(([name]) => [name, found[name]]));
  return { ...USUAL, ...chosen, personas: personas(found["personas"]) };
}

/**
 * What a call is told of it.
 *
 * @param {Preferences} chosen
 * @returns {Settings}
 */
export function settingsOf(chosen) {
  const { voice, language, speed, handsFree, patience, policy, inputDevice, outputDevice } = chosen;
  const { echoCancellation, noiseSuppression, autoGainControl } = chosen;
  return {
    persona: theirName(chosen.persona),
    instructions: promptOf(chosen.persona, chosen.personas), // undefined is told too, or the last persona would stay
    ...{ voice, language, speed, handsFree, patience, policy, inputDevice, outputDevice },
    ...{ echoCancellation, noiseSuppression, autoGainControl },
  };
}

/** The preferences, those who want to know of a change, and the place where they are kept. */
export class Keeper {
  /** @type {Preferences} */
  now;

  /** @type {(() => void)[]} */
  #listeners = [];

  /** @type {Storage | null} */
  #storage;

  /** What was found there last, or put there. @type {string | null} */
  #kept;

  /** @param {Storage | null} storage Null where the browser keeps nothing. */
  constructor(storage) {
    this.#storage = storage;
    this.#kept = this.#stored;
    this.now = parse(this.#kept);
  }

  /** @param {Partial<Preferences>} change */
  change(change) {
    this.#take();
    this.now = { ...this.now, ...change };
    const text = JSON.stringify(this.now);
    try {
      this.#storage?.setItem(PLACE, text);
      this.#kept = text;
    } catch {
      // The storage is full or closed: the choice lasts as long as the page.
    }
    this.#tell();
  }

  /** Something may have been changed in another tab. */
  refresh() {
    if (this.#take()) this.#tell();
  }

  /**
   * Call `told` now, and after each change.
   *
   * @param {() => void} told
   */
  follow(told) {
    this.#listeners.push(told);
    told();
  }

  get #stored() {
    return this.#storage?.getItem(PLACE) ?? null;
  }

  /** Take over what another tab has kept since; returns whether there was anything. */
  #take() {
    const stored = this.#stored;
    if (stored === this.#kept) return false;
    this.#kept = stored;
    this.now = parse(stored);
    return true;
  }

  #tell() {
    for (const told of this.#listeners) told();
  }
}

/**
 * @param {string | null} text
 * @returns {Record<string, unknown>}
 */
function object(text) {
  try {
    const value = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {unknown} usual
 */
function fits(name, value, usual) {
  if (name === "speed") return typeof value === "number" && value >= SPEED.least && value <= SPEED.most;
  const allowed = Object.entries(ALLOWED).find(([field]) => field === name)?.[1];
  return allowed ? allowed.some((word) => word === value) : typeof value === typeof usual;
}

/**
 * @param {unknown} value
 * @returns {Persona[]}
 */
function personas(value) {
  const list = Array.isArray(value) ? value : [];
  return list.filter((one) => ["id", "name", "prompt"].every((field) => typeof one?.[field] === "string"));
}
