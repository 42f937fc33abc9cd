/** What the page says, in the language of its reader. */

import { en } from "./locales/en.js";
import { zh } from "./locales/zh.js";

/** @typedef {keyof typeof en} Key */
/** @typedef {"en" | "zh"} Language */

/** @type {Record<Language, Record<Key, string>>} */
const LOCALES = { en, zh };

/** How a document in that language is marked. */
const TAGS = { en: "en", zh: "zh-Hans" };

/**
 * The first of the reader's languages that we have.
 *
 * @param {readonly string[]} wanted BCP 47 tags, best first.
 * @returns {Language}
 */
export function languageOf(wanted) {
  for (const tag of wanted) {
    const [primary] = tag.toLowerCase().split("-");
    if (primary === "en" || primary === "zh") return primary;
  }
  return "en";
}

export class Words {
  /** @type {Language} */
  language = "en";

  /** @type {(() => void)[]} */
  #listeners = [];

  /** @param {Language} language */
  constructor(language) {
    this.language = language;
  }

  /**
   * The text of a key, with `{name}`s replaced.
   *
   * @param {Key} key
   * @param {Record<string, string | number>} [values]
   */
  say(key, values = {}) {
    return LOCALES[this.language][key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
  }

  /**
   * The text of a key that is put together from `stem` and a word of the wire, or of `other` if there is none for it.
   *
   * @param {string} stem
   * @param {string} word
   * @param {Key} other
   * @param {Record<string, string | number>} [values]
   */
  sayOf(stem, word, other, values) {
    const key = `${stem}.${word}`;
    return this.say(key in en ? /** @type {Key} */ (key) : other, values);
  }

  /**
   * Why something cannot be, and what to do.
   *
   * @param {string} reason
   */
  failure(reason) {
    const title = this.sayOf("failure", `${reason}.title`, "failure.other.title");
    return this.say("notice.failure", {
      title,
      advice: this.sayOf("failure", `${reason}.advice`, "failure.other.advice"),
    });
  }

  /**
   * A duration, as a person would read it: "412 ms", "1.24 s".
   *
   * @param {number} ms
   */
  duration(ms) {
    const long = Math.abs(ms) >= 999.5;
    return long ? this.say("unit.s", { n: (ms / 1000).toFixed(2) }) : this.say("unit.ms", { n: Math.round(ms) });
  }

  /**
   * The same where there is little room, and "ms" goes without saying: "400", "1.5 s".
   *
   * @param {number} ms
   */
  short(ms) {
    return ms < 1000 ? String(ms) : this.say("unit.s", { n: ms / 1000 });
  }

  /** @param {Language} language */
  speak(language) {
    this.language = language;
    for (const told of this.#listeners) told();
  }

  /**
   * Call `told` now, and whenever the language is another.
   *
   * @param {() => void} told
   */
  follow(told) {
    this.#listeners.push(told);
    told();
  }

  /**
   * Put words into a page: the text of `data-t`, the label of `data-t-label`, the placeholder of `data-t-placeholder`.
   *
   * @param {Document} page
   */
  label(page) {
    page.documentElement.lang = TAGS[this.language];
    for (const element of page.querySelectorAll("[data-t]")) element.textContent = this.#of(element, "data-t");
    for (const element of page.querySelectorAll("[data-t-label]")) {
      element.setAttribute("aria-label", this.#of(element, "data-t-label"));
      if (element instanceof HTMLButtonElement) element.title = this.#of(element, "data-t-label");
    }
    for (const element of page.querySelectorAll("[data-t-placeholder]")) {
      element.setAttribute("placeholder", this.#of(element, "data-t-placeholder"));
    }
  }

  /**
   * @param {Element} element
   * @param {string} attribute
   */
  #of(element, attribute) {
    return this.say(/** @type {Key} */ (element.getAttribute(attribute)));
  }
}
