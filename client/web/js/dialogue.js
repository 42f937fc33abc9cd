/** What was said, kept in step with the server's events. */

/** Characters; where there is no space in so many, words are not told apart by spaces. */
const LONGEST_WORD = 20;

/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").CallEvents} CallEvents */
/** @typedef {{ [field: string]: any }} Json An event or an object of the wire. */

/**
 * What the page is to be told.
 *
 * @typedef {{ type: "item", detail: Item } | { type: "removed", detail: CallEvents["removed"] }
 *   | { type: "partial", detail: CallEvents["partial"] }} Telling
 */

/** What was said, as far as this page knows. */
export class Dialogue {
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** @type {Set<string>} Items of which the server has said for good what was heard. */
  #settled = new Set();
  /** @type {Set<string>} What is being said, of which the server has made no items yet. */
  #saying = new Set();

  /**
   * @param {string} id
   * @returns {Item | undefined}
   */
  find(id) {
    return this.#items.get(id);
  }

  /**
   * Take in one of the server's events.
   *
   * @param {Json} event
   * @returns {Telling[]}
   */
  take(event) {
    switch (event.type) {
      case "conversation.item.added":
      case "conversation.item.done":
        return this.#put(event.item, event.previous_item_id ?? null);
      case "conversation.item.retrieved":
        return this.#settle(event.item);
      case "conversation.item.deleted":
        return this.#remove(event.item_id);
      case "antiphon.transcription.partial":
        this.#saying.add(event.item_id);
        return [{ type: "partial", detail: { id: event.item_id, text: event.transcript } }];
      case "input_audio_buffer.cleared":
        return this.#unsay();
      case "conversation.item.input_audio_transcription.completed":
        return this.#change(event.item_id, { text: event.transcript, final: true });
      case "conversation.item.input_audio_transcription.failed":
        return this.#change(event.item_id, { final: true });
      case "response.output_audio_transcript.delta":
      case "response.output_text.delta":
        return this.#change(event.item_id, { text: (this.find(event.item_id)?.text ?? "") + event.delta });
      case "response.done":
        return this.#end(event.response);
      default:
        return [];
    }
  }

  /**
   * The connection is back: the server's view of the conversation holds, where ours is not complete.
   *
   * @param {Json[]} items In order.
   * @param {boolean} missed Whether what was on its way may never be complete, for its events are lost.
   * @returns {Telling[]}
   */
  reconcile(items, missed) {
    const messages = items.filter(({ type }) => type === "message");
    const there = new Set(messages.map(({ id }) => id));
    const gone = [...this.#items.keys()].filter((id) => !there.has(id));
    return [
      ...gone.flatMap((id) => this.#remove(id)),
      ...messages.flatMap((item, at) => {
        const known = this.find(item.id);
        return known && (known.final || !missed) ? [] : this.#put(item, messages[at - 1]?.id ?? null);
      }),
    ];
  }

  /**
   * The server has begun another conversation; what was said before it stays to be read.
   *
   * @returns {Telling[]}
   */
  forget() {
    this.#items.clear();
    this.#settled.clear();
    return [];
  }

  /**
   * Of an answer only a share was played. Where in the words that was, is a guess until the server tells.
   *
   * @param {string} id
   * @param {number} share 0 to 1
   * @returns {Telling[]}
   */
  cut(id, share) {
    const text = this.find(id)?.text ?? "";
    const end = Math.floor(text.length * share);
    return this.#change(id, { heard: text.slice(0, wordEnd(text, end)) });
  }

  /**
   * What was being said is forgotten, and will never be an item.
   *
   * @returns {Telling[]}
   */
  #unsay() {
    const ids = [...this.#saying].filter((id) => !this.#items.has(id));
    this.#saying.clear();
    return ids.map((id) => ({ type: "partial", detail: { id, text: "" } }));
  }

  /**
   * @param {Json} item
   * @param {string | null} after
   * @returns {Telling[]}
   */
  #put(item, after) {
    this.#saying.delete(item.id);
    if (item.type !== "message") {
      return [];
    }
    const known = this.find(item.id);
    const text = item.status === "in_progress" ? "" : wordsOf(item) || known?.text || "";
    const spoken = item.content.length ? item.content.some(isSound) : (known?.spoken ?? item.role === "assistant");
    const final = item.role === "user" && spoken ? Boolean(text) : item.status !== "in_progress";
    this.#items.set(item.id, { id: item.id, role: item.role, text, heard: known?.heard ?? null, spoken, final, after });
    return this.#change(item.id, {});
  }

  /**
   * @param {Json} item What the server remembers of it after a cut.
   * @returns {Telling[]}
   */
  #settle(item) {
    if (item.role !== "assistant") {
      return [];
    }
    this.#settled.add(item.id);
    return this.#change(item.id, { heard: wordsOf(item) });
  }

  /**
   * @param {Json} response
   * @returns {Telling[]}
   */
  #end(response) {
    const heard = response.antiphon?.heard;
    if (response.status !== "cancelled" || typeof heard !== "string") {
      return [];
    }
    return response.output.flatMap((/** @type {Json} */ { type, id }) =>
      type !== "message" || this.#settled.has(id) ? [] : this.#change(id, { heard, final: true }),
    );
  }

  /**
   * @param {string} id
   * @param {Partial<Item>} changes
   * @returns {Telling[]}
   */
  #change(id, changes) {
    const item = this.find(id);
    if (!item) {
      return [];
    }
    const detail = { ...item, ...changes };
    this.#items.set(id, detail);
    return [{ type: "item", detail }];
  }

  /**
   * @param {string} id
   * @returns {Telling[]}
   */
  #remove(id) {
    this.#settled.delete(id);
    return this.#items.delete(id) ? [{ type: "removed", detail: { id } }] : [];
  }
}

/**
 * @param {string} text
 * @param {number} end
 * @returns {number} Where the last whole word before `end` ends; `end` itself in scripts without spaces.
 */
function wordEnd(text, end) {
  const space = /\s/.test(text[end] ?? " ") ? end : text.lastIndexOf(" ", end);
  return end - space < LONGEST_WORD ? Math.max(0, space) : end;
}

/** @param {Json} item */
function wordsOf(item) {
  return item.content.map((/** @type {Json} */ part) => part.transcript ?? part.text ?? "").join("\n");
}

/** @param {Json} part */
function isSound(part) {
  return part.type === "input_audio" || part.type === "output_audio";
}
