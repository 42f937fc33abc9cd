/** The connection to a Realtime server: one conversation, over one websocket after the other if they drop. */

import { pause, verdict } from "./farewell.js";
import { Watchdog } from "./watchdog.js";

/** @typedef {import("./dialogue.js").Json} Json */
/** @typedef {import("./types.js").FailureReason} FailureReason */

/** Milliseconds a server has to greet us, and between two looks at the connection. */
const GREETING = 8000;
const LOOK = 1000;

/** Milliseconds in which there must be a first connection, and, at least, another one after it was lost. */
const PATIENCE = 5000;
const PATIENCE_LOST = 60_000;

/** Events that wait for a connection; of more, the oldest are forgotten. */
const MOST_WAITING = 100;

/** Round trips of which the shortest counts: one that was held up says nothing of the network. */
const ROUND_TRIPS = 5;

/** A first event's id; what follows is its number. */
const NUMBERED = /^event_(\d+)$/;

/**
 * Who is told. `greeted` comes first on every connection; it says whether there was one before, and whether what was
 * under way there goes on.
 *
 * @typedef {object} Listener
 * @property {(session: Json, again: boolean, goesOn: boolean) => void} greeted
 * @property {(event: Json) => void} event
 * @property {() => void} lost Another connection is sought.
 * @property {(reason: FailureReason) => void} failed None is.
 */

/**
 * What there is around a connection; tests have another.
 *
 * @typedef {object} World
 * @property {new (url: string, protocols: string[]) => WebSocket} WebSocket
 * @property {(deed: () => void, ms: number) => number} setTimeout
 * @property {(timer: number) => void} clearTimeout
 * @property {() => number} now Milliseconds.
 * @property {() => number} random 0 to 1
 */

/** @type {World} */
const PAGE = {
  WebSocket: globalThis.WebSocket,
  setTimeout: (deed, ms) => /** @type {any} */ (setTimeout(deed, ms)),
  clearTimeout: (timer) => clearTimeout(timer),
  now: () => performance.now(),
  random: Math.random,
};

/** A conversation's line to its server. */
export class Realtime {
  #url;
  #key;
  #listener;
  #world;
  /** @type {WebSocket | null} */
  #socket = null;
  #ready = false;
  #greetedBefore = false;
  #token = "";
  /** Milliseconds the server keeps the conversation for us. */
  #kept = 0;
  /** @type {number | null} The number of the last event we got. */
  #seen = null;
  #attempts = 0;
  #since = 0;
  #watchdog = new Watchdog();
  #heardAt = 0;
  #timer = 0;
  /** @type {Json[]} */
  #waiting = [];
  /** @type {number[]} When updates were sent that are not answered yet. */
  #updates = [];
  /** @type {number[]} Milliseconds */
  #roundTrips = [];

  /**
   * @param {string} url As `realtimeUrl` makes it.
   * @param {string} key Empty for servers that want none.
   * @param {Listener} listener
   * @param {World} [world]
   */
  constructor(url, key, listener, world = PAGE) {
    this.#url = url;
    this.#key = key;
    this.#listener = listener;
    this.#world = world;
  }

  /** Whether sound can be sent now. */
  get ready() {
    return this.#ready;
  }

  /** Milliseconds the network takes to the server and back; 0 while unknown. */
  get roundTrip() {
    return this.#roundTrips.length ? Math.min(...this.#roundTrips) : 0;
  }

  /** When the server said something last, milliseconds. */
  get heardAt() {
    return this.#heardAt;
  }

  /** Seek a connection. */
  connect() {
    this.#since = this.#world.now();
    this.#dial();
  }

  /** Take leave: the server forgets the conversation. */
  close() {
    this.#hangUp(1000);
  }

  /**
   * Send an event now, or once there is a connection.
   *
   * @param {Json} event
   */
  send(event) {
    if (!this.#ready) {
      this.#waiting = [...this.#waiting, event].slice(-MOST_WAITING);
      return;
    }
    if (event.type === "session.update") {
      this.#updates.push(this.#world.now());
    }
    this.#watchdog.asked(this.#world.now());
    this.#socket?.send(JSON.stringify(event));
  }

  /**
   * Send sound, if `ready`.
   *
   * @param {string} audio base64
   */
  sendAudio(audio) {
    this.#socket?.send(`{"type":"input_audio_buffer.append","audio":"${audio}"}`);
  }

  /** Something makes us wonder whether the server is still there: ask it anything, and have the watchdog wait. */
  doubt() {
    if (this.#ready) {
      this.send({ type: "session.update", session: { type: "realtime" } });
    }
  }

  /** The network is back, or the page: there may be news of the connection, or another one at once. */
  hurry() {
    if (this.#ready) {
      this.doubt();
    } else if (this.#timer && !this.#socket) {
      this.#attempts = 0;
      this.#dial();
    }
  }

  #dial() {
    this.#world.clearTimeout(this.#timer);
    let socket;
    try {
      socket = new this.#world.WebSocket(this.#address(), this.#protocols());
    } catch {
      return this.#fail("bad-key"); // the URL was parsed before: what the browser refuses is the key as a subprotocol
    }
    this.#socket = socket;
    socket.onopen = () => this.#after(GREETING, () => this.#lose());
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = ({ code, reason }) => this.#closed(code, reason);
    this.#after(Math.min(GREETING, this.#left), () => this.#lose());
  }

  /** Milliseconds in which there must be a connection. */
  get #left() {
    const patience = this.#greetedBefore ? Math.max(PATIENCE_LOST, this.#kept) : PATIENCE;
    return this.#since + patience - this.#world.now();
  }

  #address() {
    const url = new URL(this.#url);
    if (this.#token) {
      url.searchParams.set("resume", this.#token);
      if (this.#seen !== null) {
        url.searchParams.set("last_event_id", `event_${this.#seen}`);
      }
    }
    return url.href;
  }

  #protocols() {
    return this.#key ? ["realtime", `openai-insecure-api-key.${this.#key}`] : ["realtime"];
  }

  /** @param {string} text */
  #take(text) {
    /** @type {Json} */
    let event;
    try {
      event = JSON.parse(text);
    } catch {
      return this.#fail("not-understood");
    }
    this.#watchdog.heard();
    this.#heardAt = this.#world.now();
    if (event.type === "session.created") {
      return this.#greet(event);
    }
    this.#note(event);
    const final = event.type === "error" ? verdict(0, event.error?.code ?? "") : null;
    if (final) {
      this.#fail(final);
    } else {
      this.#listener.event(event);
    }
  }

  /** @param {Json} event */
  #greet(event) {
    const ours = event.session.antiphon ?? {};
    this.#ready = true;
    this.#attempts = 0;
    this.#token = ours.resume?.token ?? "";
    this.#kept = (ours.resume?.seconds ?? 0) * 1000;
    const number = numberOf(event);
    const goesOn = ours.resumed && number !== null && this.#seen !== null && number > this.#seen;
    if (!goesOn) {
      this.#seen = number; // it counts anew; else what it sends again comes after the greeting, with lower numbers
    }
    const waiting = this.#waiting.filter((one) => ours.resumed || !("item_id" in one));
    this.#waiting = [];
    this.#updates = [];
    this.#watchdog = new Watchdog();
    this.#look();
    this.#listener.greeted(event.session, this.#greetedBefore, goesOn && !ours.missed_events);
    this.#greetedBefore = true;
    waiting.forEach((one) => this.send(one));
  }

  /** @param {Json} event */
  #note(event) {
    this.#seen = numberOf(event) ?? this.#seen;
    const asked = event.type === "session.updated" ? this.#updates.shift() : undefined;
    if (asked !== undefined) {
      this.#roundTrips = [...this.#roundTrips, this.#world.now() - asked].slice(-ROUND_TRIPS);
    }
  }

  #look() {
    this.#after(LOOK, () => {
      if (this.#watchdog.alive(this.#world.now(), this.#socket?.bufferedAmount ?? 0)) {
        this.#look();
      } else {
        this.#lose();
      }
    });
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    const final = verdict(code, reason);
    if (final) {
      this.#fail(final);
    } else {
      this.#lose();
    }
  }

  /** This connection is of no use any more; seek another. */
  #lose() {
    if (this.#ready) {
      this.#since = this.#world.now();
      this.#listener.lost();
    }
    this.#hangUp(4900);
    const wait = pause(this.#attempts++, this.#world.random());
    if (wait < this.#left) {
      this.#after(wait, () => this.#dial());
    } else {
      this.#fail("server-gone");
    }
  }

  /** @param {FailureReason} reason */
  #fail(reason) {
    this.#hangUp(1000);
    this.#listener.failed(reason);
  }

  /** @param {number} code */
  #hangUp(code) {
    this.#world.clearTimeout(this.#timer);
    this.#timer = 0;
    this.#ready = false;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close(code);
    }
  }

  /**
   * @param {number} ms
   * @param {() => void} deed In place of any that was planned.
   */
  #after(ms, deed) {
    this.#world.clearTimeout(this.#timer);
    this.#timer = this.#world.setTimeout(deed, ms);
  }
}

/**
 * The websocket address meant by what a person, or `location.origin`, says.
 *
 * @param {string} url With http, https, ws or wss, with or without its `/v1/realtime`.
 * @param {Record<string, string | undefined>} query What is not empty is asked for.
 */
export function realtimeUrl(url, query) {
  const address = new URL(url.includes("://") ? url : `ws://${url}`);
  address.protocol = address.protocol.replace(/^http/, "ws");
  const path = address.pathname.replace(/\/+$/, "") || "/v1";
  address.pathname = path.endsWith("/v1") ? `${path}/realtime` : path;
  for (const [name, value] of Object.entries(query)) {
    if (value) {
      address.searchParams.set(name, value);
    }
  }
  return address.href;
}

/** @param {Json} event */
function numberOf(event) {
  const number = NUMBERED.exec(event.event_id ?? "")?.[1];
  return number === undefined ? null : Number(number);
}
