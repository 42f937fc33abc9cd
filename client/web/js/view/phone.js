/** The way in for the user's phone, as the server on this machine tells it: a code, addresses, a fingerprint. */

import { html } from "./dom.js";

/** @typedef {import("../types.js").FailureReason} FailureReason */
/** @typedef {import("./words.js").Words} Words */

/** What this machine calls itself; the server tells nobody else. */
const HERE = ["127.0.0.1", "[::1]", "localhost"];

/**
 * Where a phone may go; nowhere unless the server was started for that.
 *
 * @typedef {object} Invitation
 * @property {string[]} urls The likeliest first.
 * @property {string | null} fingerprint Of the certificate; null where there is none.
 * @property {Blob | null} code The first address, as a picture.
 */

/** @param {string} hostname Of this page. */
export function here(hostname) {
  return HERE.includes(hostname);
}

/**
 * What the server tells, or why it tells nothing.
 *
 * @param {string} key Empty for servers that want none.
 * @param {typeof fetch} [get]
 * @returns {Promise<Invitation | FailureReason>}
 */
export async function invitation(key, get = fetch) {
  const headers = /** @type {HeadersInit} */ (key ? { authorization: `Bearer ${key}` } : {});
  try {
    const told = await get("lan", { headers });
    if (!told.ok) return told.status === 401 ? "bad-key" : "not-understood";
    const { urls, fingerprint } = await told.json();
    const drawn = urls.length ? await get("lan.svg", { headers }) : null;
    return { urls, fingerprint, code: drawn?.ok ? await drawn.blob() : null };
  } catch (error) {
    return error instanceof SyntaxError ? "not-understood" : "server-gone";
  }
}

/** A section of the settings. The key is part of what it tells, so it waits until it is asked. */
export class Phone {
  element = html("section", { class: "phone", "data-testid": "phone", tabindex: "-1", hidden: true });

  #words;
  #key;
  /** @type {Invitation | FailureReason | null} */
  #told = null;
  #picture = "";

  /**
   * @param {Words} words
   * @param {() => string} key
   */
  constructor(words, key) {
    this.#words = words;
    this.#key = key;
    this.element.hidden = !here(location.hostname);
    words.follow(() => this.#draw());
  }

  /** Tell nothing any more. */
  forget() {
    this.#take(null);
  }

  async #ask() {
    this.#take(await invitation(this.#key()));
    this.element.focus(); // the button is gone
  }

  /** @param {Invitation | FailureReason | null} told */
  #take(told) {
    URL.revokeObjectURL(this.#picture);
    this.#told = told;
    this.#picture = told && typeof told === "object" && told.code ? URL.createObjectURL(told.code) : "";
    this.#draw();
  }

  #draw() {
    this.element.replaceChildren(html("h3", {}, this.#words.say("phone.title")), ...this.#content());
  }

  #content() {
    if (this.#told === null) {
      const show = { class: "link", type: "button", "data-testid": "phone-show", click: () => void this.#ask() };
      return [html("button", show, this.#words.say("phone.show"))];
    }
    if (typeof this.#told === "string") return [this.#soft(this.#words.failure(this.#told))];
    const { urls, fingerprint } = this.#told;
    if (urls.length === 0) return [this.#soft(this.#words.say(fingerprint ? "phone.alone" : "phone.off"))];
    const code = html("img", { class: "code", src: this.#picture, alt: this.#words.say("phone.code") });
    return [
      this.#soft(this.#words.say("phone.how")),
      ...(this.#picture ? [code] : []),
      html("ul", { class: "addresses" }, ...urls.map((url) => html("li", { translate: "no" }, url))),
      this.#soft(this.#words.say("phone.warning", { fingerprint: fingerprint ?? "" })),
    ];
  }

  /** @param {string} text */
  #soft(text) {
    return html("p", { class: "soft" }, text);
  }
}
