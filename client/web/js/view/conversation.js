/** What has been said, in the order in which it was said: the page's own record, without a page. */

/** @typedef {import("../types.js").Item} Item */

/**
 * What there is to read of an item.
 *
 * @typedef {object} Line
 * @property {string} id
 * @property {"user" | "assistant" | "break"} role A break stands where another call began, which knows nothing of the last.
 * @property {string} heard What was said and heard, or will be.
 * @property {string} unheard The rest of an answer that was interrupted.
 * @property {boolean} cut Whether it was interrupted.
 * @property {boolean} final
 * @property {boolean} typed
 */

/** How the ids of breaks begin; the server's have no space. */
const BREAK = "break ";

export class Conversation {
  /** @type {Map<string, Item>} */
  #items = new Map();

  /** @type {Map<string, string>} Utterances that are still being spoken. */
  #partials = new Map();

  /** @type {string[]} */
  #order = [];

  /** Where in the order the call under way has begun. */
  #begun = 0;

  /** Another call begins: its first item comes after all that was said before, and after a break. */
  begin() {
    this.#partials.clear();
    if (this.#order.length > this.#begun) this.#order.push(`${BREAK}${this.#order.length}`);
    this.#begun = this.#order.length;
  }

  /** @param {Item} item */
  put(item) {
    if (item.text || item.final) this.#partials.delete(item.id);
    const known = this.#items.get(item.id);
    this.#items.set(item.id, item);
    if (known && known.after === item.after) return;
    this.#order = this.#order.filter((id) => id !== item.id);
    this.#order.splice(this.#place(item.after), 0, item.id);
  }

  /** @param {string} id */
  remove(id) {
    this.#partials.delete(id);
    this.#items.delete(id);
    this.#order = this.#order.filter((other) => other !== id);
    this.#begun = Math.min(this.#begun, this.#order.length);
  }

  /**
   * @param {string} id
   * @param {string} text The words so far.
   */
  hear(id, text) {
    if (!this.#items.get(id)?.final) this.#partials.set(id, text);
  }

  /** What is being said just now; empty when nobody speaks. */
  get partial() {
    return [...this.#partials.values()].at(-1) ?? "";
  }

  /**
   * All that there is to read.
   *
   * @returns {Line[]}
   */
  get lines() {
    const known = this.#order.map((id) => this.#items.get(id) ?? id);
    const alone = [...this.#partials].filter(([id]) => !this.#items.has(id));
    const saying = alone.map(([id, text]) => utterance(id, text));
    const lines = [...known, ...saying].map((one) => (typeof one === "string" ? pause(one) : this.#line(one)));
    const said = lines.filter((line) => line !== null);
    return said.filter(({ role }, at) => role !== "break" || at < said.length - 1);
  }

  /**
   * Null for what cannot be read: instructions, and sounds that were no words.
   *
   * @param {Item} item
   * @returns {Line | null}
   */
  #line({ id, role, text, heard, final, spoken }) {
    const all = (text || this.#partials.get(id) || "").trim();
    if (!all || role === "system") return null;
    const kept = heard === null ? all : heard.trim();
    const rest = all.startsWith(kept) ? all.slice(kept.length) : "";
    return { id, role, heard: kept, unheard: rest.trim() && rest, cut: heard !== null, final, typed: !spoken };
  }

  /** @param {string | null} after */
  #place(after) {
    if (after === null) return this.#begun;
    const at = this.#order.indexOf(after);
    return at < 0 ? this.#order.length : at + 1;
  }
}

/**
 * @param {string} id
 * @returns {Line}
 */
function pause(id) {
  return { id, role: "break", heard: "", unheard: "", cut: false, final: true, typed: false };
}

/**
 * An utterance of which no more is known than its words so far.
 *
 * @param {string} id
 * @param {string} text
 * @returns {Item}
 */
function utterance(id, text) {
  return { id, role: "user", text, heard: null, spoken: true, final: false, after: null };
}
