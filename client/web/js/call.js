/** A call: what the microphone hears goes to the server, its answers to the speakers, and the news to the page. */

import { Dialogue } from "./dialogue.js";
import { Emitter } from "./emitter.js";
import { Floor } from "./floor.js";
import { Gate } from "./gate.js";
import { watchNetwork } from "./network.js";
import { RATE, decode, encode, meter } from "./pcm.js";
import { Realtime, realtimeUrl } from "./realtime.js";
import { Silent, Sound } from "./sound.js";
import { Progress } from "./state.js";
import { Turns } from "./turns.js";
import { Uplink } from "./uplink.js";
import { sessionOf, usualOf } from "./wishes.js";

/** @typedef {import("./types.js").Settings} Settings */
/** @typedef {import("./types.js").CallEvents} CallEvents */
/** @typedef {import("./types.js").FailureReason} FailureReason */
/** @typedef {import("./dialogue.js").Json} Json */
/** @typedef {import("./dialogue.js").Telling} Telling */

/** Milliseconds between two levels; for which an interruption shows; for which a button that is let go still counts. */
const LEVEL = 50;
const CUT_SHOWS = 600;
const TAIL = 100;

/** Milliseconds in which a server in good health has something to say to a voice that begins or ends. */
const NOTICED = 2000;

/** Samples; while a button was held for less, nobody said anything. */
const SHORTEST = 0.15 * RATE;

/** Errors that only say that the server was faster than we. */
const HARMLESS = /^(response_cancel_not_active|item_(truncate|retrieve)_invalid_item_id)$/;

/** @extends {Emitter<CallEvents>} */
export class Call extends Emitter {
  #url;
  #key;
  #settings;
  #progress = new Progress((state) => this.emit("state", state));
  /** @type {import("./wishes.js").Usual} */
  #usual = {};
  #level = { input: 0, output: 0 };
  #lostAt = 0;
  #muted = false;
  #pressed = false;
  #gate = new Gate(true);
  #uplink = new Uplink();
  #dialogue = new Dialogue();
  #turns = this.#newTurns();
  /** @type {Sound | null} */
  #sound = null;
  /** @type {Floor | null} */
  #floor = null;
  /** @type {Realtime | null} */
  #realtime = null;
  /** Ends with the call, and with it whatever waits or listens. */
  #over = new AbortController();

  /** @param {{ url: string, key?: string, settings?: Settings }} how `url` is the server's, or the whole endpoint's. */
  constructor({ url, key = "", settings = {} }) {
    super();
    this.#url = url;
    this.#key = key;
    this.#settings = settings;
  }

  /**
   * Begin: ask for the microphone, call the server. To be called from a click, or browsers stay silent.
   *
   * @param {{ typing?: boolean }} [how] `typing`: do without the microphone.
   */
  async start({ typing = false } = {}) {
    const { line } = this.#progress.facts;
    if (line !== "idle" && line !== "failed") {
      return;
    }
    const over = (this.#over = new AbortController());
    this.#gate = new Gate(this.#settings.handsFree !== false);
    this.#uplink = new Uplink();
    this.#dialogue = new Dialogue();
    this.#turns = this.#newTurns();
    this.#happen(typing ? "start-typing" : "start");
    try {
      const sound = await Sound.open(this.#settings, this.#hearing(), !typing);
      if (over.signal.aborted) {
        return sound.close();
      }
      this.#connect(sound);
    } catch (error) {
      if (!over.signal.aborted) {
        this.#fail(error instanceof Silent ? error.reason : "server-gone"); // no such address
      }
    }
  }

  /** Ask for the microphone, in a call that does without. */
  async listen() {
    await this.#sound?.listen();
  }

  /** End it; the server forgets the conversation. */
  stop() {
    this.#release();
    this.#happen("stop");
  }

  /**
   * Ask something in writing.
   *
   * @param {string} text
   */
  sendText(text) {
    this.interrupt();
    const content = [{ type: "input_text", text }];
    this.#realtime?.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
    this.#ask();
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.#muted = muted;
    if (this.#sound) {
      this.#sound.microphone.muted = muted;
    }
  }

  /**
   * The button that is held while speaking, where `handsFree` is off.
   *
   * @param {boolean} down
   */
  pushToTalk(down) {
    this.#pressed = down;
    if (down && !this.#gate.open) {
      this.interrupt();
      this.#realtime?.send({ type: "input_audio_buffer.clear" });
      this.#gate.open = true;
      this.#happen("speech");
    } else if (!down && this.#gate.open && this.#settings.handsFree === false) {
      const brief = this.#gate.passed < SHORTEST;
      this.#later(TAIL, () => this.#released(brief));
    }
  }

  /** Stop the answer that is heard, or on its way. */
  interrupt() {
    const { answer, owed } = this.#progress.facts;
    if (answer || owed) {
      this.#realtime?.send({ type: "response.cancel" });
      this.#happen("nothing-said");
    }
    this.#takeFloor();
  }

  /**
   * Change how the call behaves. `model` and `policy` count from the next call on.
   *
   * @param {Settings} settings What is left out stays as it is.
   */
  configure(settings) {
    const { handsFree } = this.#settings;
    this.#settings = { ...this.#settings, ...settings };
    if (this.#settings.handsFree !== handsFree) {
      this.#gate = new Gate(this.#settings.handsFree !== false);
      this.#realtime?.send({ type: "input_audio_buffer.clear" }); // nobody would ever commit what is half said
    }
    void this.#sound?.configure(this.#settings);
    if (this.#realtime?.ready) {
      this.#realtime.send({ type: "session.update", session: sessionOf(this.#settings, this.#usual) });
    }
  }

  #newTurns() {
    return new Turns(
      (position) => this.#uplink.when(position),
      () => this.#realtime?.roundTrip ?? 0,
    );
  }

  /** @param {Sound} sound */
  #connect(sound) {
    const { model, policy, persona } = this.#settings;
    this.#sound = sound;
    sound.microphone.muted = this.#muted;
    this.#floor = new Floor(sound.speaker, (cuts) => cuts.forEach((cut) => this.#truncate(cut)));
    const url = realtimeUrl(this.#url, { model, policy, persona, antiphon_events: "1" });
    const realtime = (this.#realtime = new Realtime(url, this.#key, {
      greeted: (session, again, goesOn) => this.#greeted(session, again, goesOn),
      event: (event) => this.#take(event),
      lost: () => this.#lost(),
      failed: (reason) => this.#fail(reason),
    }));
    watchNetwork(realtime, () => this.stop(), this.#over.signal);
    const timer = setInterval(() => this.emit("level", { ...this.#level }), LEVEL);
    this.#over.signal.addEventListener("abort", () => clearInterval(timer));
    realtime.connect();
  }

  /** @returns {import("./sound.js").Listener} */
  #hearing() {
    return {
      captured: (piece, power) => {
        this.#level.input = meter(power);
        this.#gate.pass(piece).forEach((one) => this.#uplink.add(one));
        this.#upload();
      },
      voice: (voiced) => this.#voice(voiced),
      microphone: (found) => this.#happen(found ? "found" : "gone"),
      notice: (code, message) => this.emit("notice", { code, message }),
      began: (item, rendered, heard) => {
        this.#floor?.give();
        this.#happen("sound");
        this.#turns.played(item, rendered, heard).forEach((turn) => this.emit("turn", turn));
      },
      ended: () => this.#sound?.speaker.busy || this.#happen("silence"),
      level: (power) => (this.#level.output = meter(power)),
    };
  }

  #upload() {
    while (this.#realtime?.ready) {
      const pcm = this.#uplink.next(performance.now());
      if (!pcm) {
        return;
      }
      this.#realtime.sendAudio(encode(pcm));
    }
  }

  /** @param {boolean} voiced */
  #voice(voiced) {
    if (!this.#gate.open) {
      return;
    }
    if (voiced) {
      this.#floor?.voice();
    }
    const since = performance.now();
    this.#later(NOTICED, () => (this.#realtime?.heardAt ?? since) < since && this.#realtime?.doubt());
  }

  /**
   * @param {Json} session
   * @param {boolean} again
   * @param {boolean} goesOn
   */
  #greeted(session, again, goesOn) {
    const ours = session.antiphon ?? {};
    const lostAudio = this.#uplink.resume(ours.received_ms ?? 0);
    if (!ours.resumed) {
      this.#usual = usualOf(session);
    }
    this.#realtime?.send({ type: "session.update", session: sessionOf(this.#settings, this.#usual) });
    this.#upload();
    if (again && !goesOn) {
      this.#sound?.speaker.finishAll();
      this.#happen("forgotten");
    }
    if (again) {
      const { resumed = false, missed_events: missedEvents = 0, items = [] } = ours;
      this.emit("resumed", { resumed, missedEvents, lostAudio, outage: (performance.now() - this.#lostAt) / 1000 });
      this.#tell(resumed ? this.#dialogue.reconcile(items, !goesOn) : this.#dialogue.forget());
    }
    this.#happen("open");
  }

  #lost() {
    this.#lostAt = performance.now();
    this.#happen("lost");
  }

  /** @param {Json} event */
  #take(event) {
    this.#tell(this.#dialogue.take(event));
    this.#turns.take(event, performance.now()).forEach((turn) => this.emit("turn", turn));
    switch (event.type) {
      case "input_audio_buffer.speech_started":
        this.#uplink.answered(event.audio_start_ms);
        this.#takeFloor();
        return this.#happen("speech");
      case "input_audio_buffer.speech_stopped":
        this.#uplink.answered(event.audio_end_ms);
        return this.#happen(this.#settings.handsFree === false ? "quiet" : "asked");
      case "conversation.item.input_audio_transcription.completed":
      case "conversation.item.input_audio_transcription.failed":
        return event.transcript ? undefined : this.#happen("nothing-said");
      case "conversation.item.truncated":
        return this.#realtime?.send({ type: "conversation.item.retrieve", item_id: event.item_id });
      case "response.created":
        return this.#happen("response");
      case "response.output_audio.delta":
        return this.#play(event.item_id, decode(event.delta));
      case "response.output_audio.done":
        return this.#sound?.speaker.finish(event.item_id);
      case "response.done":
        return this.#answered(event.response);
      case "error":
        return this.#complain(event.error);
    }
  }

  /**
   * @param {string} item
   * @param {Int16Array<ArrayBuffer>} pcm
   */
  #play(item, pcm) {
    const { speaker } = /** @type {Sound} */ (this.#sound);
    const idle = !speaker.busy;
    speaker.play(item, pcm);
    if (idle && speaker.busy) {
      this.#happen("sound-coming");
    }
  }

  /** @param {Json} response */
  #answered(response) {
    this.#happen("response-over");
    if (response.status === "failed") {
      const message = response.status_details?.error?.message ?? "";
      this.emit("notice", { code: "answer-failed", message });
    }
  }

  /** @param {Json} problem */
  #complain({ code, message }) {
    if (!HARMLESS.test(code)) {
      this.emit("notice", { code: code ?? "server_error", message });
    }
  }

  #takeFloor() {
    if (this.#floor?.take()) {
      this.#happen("cut");
      this.#later(CUT_SHOWS, () => this.#happen("cut-over"));
    }
  }

  /** @param {import("./speaker.js").Heard} cut */
  #truncate({ item, seconds, share }) {
    const audio_end_ms = Math.floor(seconds * 1000);
    this.#realtime?.send({ type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms });
    this.#tell(this.#dialogue.cut(item, share));
  }

  /**
   * The button was let go.
   *
   * @param {boolean} brief Nearly as soon as it was pressed.
   */
  #released(brief) {
    if (this.#pressed || !this.#gate.open) {
      return;
    }
    this.#gate.open = false;
    if (brief) {
      this.#realtime?.send({ type: "input_audio_buffer.clear" });
      this.#happen("quiet");
    } else {
      this.#realtime?.send({ type: "input_audio_buffer.commit" });
      this.#ask();
    }
  }

  #ask() {
    this.#turns.asked(performance.now());
    this.#realtime?.send({ type: "response.create" });
    this.#happen("asked");
  }

  /** @param {Telling[]} tellings */
  #tell(tellings) {
    tellings.forEach(({ type, detail }) => this.emit(type, /** @type {any} */ (detail)));
  }

  /**
   * Do something in a while, unless the call is over by then.
   *
   * @param {number} ms
   * @param {() => void} deed
   */
  #later(ms, deed) {
    const { signal } = this.#over;
    setTimeout(() => signal.aborted || deed(), ms);
  }

  /** @param {import("./state.js").Happening} happening */
  #happen(happening) {
    this.#progress.happen(happening);
  }

  /** @param {FailureReason} reason */
  #fail(reason) {
    this.#release();
    this.#progress.fail(reason);
  }

  #release() {
    this.#over.abort();
    this.#realtime?.close();
    this.#sound?.close();
    this.#realtime = this.#sound = this.#floor = null;
    this.#level = { input: 0, output: 0 };
    this.emit("level", this.#level);
  }
}
