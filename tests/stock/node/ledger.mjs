// What a server told one client, and the rules it must have kept by the end.

import assert from "node:assert/strict";
import { BYTES_PER_MS } from "./microphone.mjs";

const PATIENCE_MS = 10_000;

export class Ledger {
  events = [];
  complaints = [];
  #looking = new Set();

  /** One server event, as the client's library hands it over. */
  take(event) {
    this.events.push({ ...event, at: performance.now() });
    if (event.type === "error") this.complain(event.error);
    this.look();
  }

  /** An error, as the client's library surfaces it; nobody has to wait for anything any more. */
  complain(error) {
    this.complaints.push(error);
    this.look();
  }

  /** How many events came so far: what comes next is `since` here. */
  get now() {
    return this.events.length;
  }

  /** All events of this type. */
  all(type, since = 0) {
    return this.events.slice(since).filter((event) => event.type === type);
  }

  /** The first event of this type; waits for it. */
  until(type, since = 0) {
    return this.found(type, () => this.all(type, since)[0]);
  }

  /** What `look` returns, once that is something; it is called again whenever something has changed. */
  found(what, look) {
    return new Promise((resolve, reject) => {
      const settle = (how, result) => {
        clearTimeout(late);
        this.#looking.delete(check);
        how(result);
      };
      const check = () => {
        const found = look();
        if (found) settle(resolve, found);
        else if (this.complaints.length)
          settle(reject, new Error(`an error came, but not ${what}`, { cause: this.complaints[0] }));
      };
      const late = setTimeout(() => settle(reject, new Error(`${what} did not come`)), PATIENCE_MS);
      this.#looking.add(check);
      check();
    });
  }

  /** Something has changed that is not an event. */
  look() {
    for (const check of [...this.#looking]) check();
  }

  /** The next response, whole: the object, its words as `text`, and how long it sounds in `ms`. */
  async answer(since = 0) {
    const { response } = await this.until("response.done", since);
    return { ...response, text: response.output.map(words).join(""), ms: this.#sound(response.id) / BYTES_PER_MS };
  }

  /** Sees to it that a conversation goes well to its end; when it does not, the error tells all that happened. */
  async witness(play) {
    try {
      await play();
      this.#close();
    } catch (cause) {
      throw new Error(`it went like this:\n${this}\n`, { cause });
    }
  }

  /** All events, one in a line, runs of deltas as one. */
  toString() {
    const start = this.events[0]?.at ?? 0;
    const line = ({ at, type, event_id, ...rest }) =>
      `${((at - start) / 1000).toFixed(3)} ${type} ${JSON.stringify(rest).slice(0, 300)}`;
    return this.events
      .filter((event, at) => !(event.type.endsWith(".delta") && event.type === this.events[at - 1]?.type))
      .map(line)
      .join("\n");
  }

  /** The client leaves: nothing may be half done, nothing may have gone wrong. */
  #close() {
    assert.deepEqual(this.complaints, []);
    const ids = (type) => this.all(type).map((event) => event.response.id);
    assert.deepEqual(ids("response.done"), ids("response.created"));
    this.events.forEach((event, at) => {
      const late =
        event.type === "response.done" &&
        this.events.slice(at + 1).filter((other) => other.response_id === event.response.id);
      assert.ok(!late || late.length === 0, `${JSON.stringify(late)} after the end of the response`);
    });
  }

  /** Bytes of sound that came for a response. */
  #sound(id) {
    const deltas = this.all("response.output_audio.delta").filter((delta) => delta.response_id === id);
    return deltas.reduce((bytes, { delta }) => bytes + Buffer.from(delta, "base64").length, 0);
  }
}

/** All that an item says, whatever form it has. */
export const words = (item) => (item.content ?? []).map((part) => part.transcript ?? part.text ?? "").join("");

/** Fails unless most of what was said was understood; the smallest recogniser misses a word now and then. */
export function assertUnderstood(said, heard) {
  const split = (text) => text.toLowerCase().match(/[\w']+/g) ?? [];
  const right = split(said).filter((word) => split(heard).includes(word));
  assert.ok(right.length >= 0.7 * split(said).length, `heard ${JSON.stringify(heard)}`);
}

/** Fails unless `kept` is the beginning of `whole`, and not all of it. */
export function assertBeginning(whole, kept) {
  const squeezed = (text) => text.replace(/\s+/g, " ").trim();
  assert.ok(
    squeezed(whole).startsWith(squeezed(kept)),
    `${JSON.stringify(kept)} does not begin ${JSON.stringify(whole)}`,
  );
  assert.ok(kept.length < whole.length, "nothing was cut off");
}
