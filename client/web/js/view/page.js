/** The page: it holds one call, and shows what the call tells. */

import { Awake } from "./awake.js";
import { Conversation } from "./conversation.js";
import { Dialogs } from "./dialogs.js";
import { the } from "./dom.js";
import { Keepsakes } from "./keepsakes.js";
import { Notices } from "./notices.js";
import { settingsOf } from "./preferences.js";
import { Settings } from "./settings.js";
import { live, Stage } from "./stage.js";
import { TalkButton } from "./talk_button.js";
import { Timing } from "./timing.js";
import { TimingPanel } from "./timing_panel.js";
import { Transcript } from "./transcript.js";

/** @typedef {import("./caller.js").Caller} Caller */
/** @typedef {import("./caller.js").MakeCall} MakeCall */
/** @typedef {import("./preferences.js").Keeper} Keeper */
/** @typedef {import("../types.js").Notice} Notice */
/** @typedef {import("../types.js").Resumed} Resumed */
/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("./words.js").Words} Words */

/** Failures that leave the keyboard. */
const NO_MICROPHONE = ["permission-denied", "no-microphone", "microphone-busy"];

export class Page {
  #app = the("app", HTMLElement);
  #field = the("text-input", HTMLInputElement);
  #free = the("mode-free", HTMLInputElement);
  #hold = the("mode-hold", HTMLInputElement);
  #awake = new Awake();
  #notices = new Notices();
  #panel = new TimingPanel();
  #conversation = new Conversation();
  #keeper;
  #words;
  #makeCall;
  #stage;
  #timing;
  #dialogs;
  #settings;
  #transcript;
  #keepsakes;
  #talk;

  /** @type {Turn[]} */
  #turns = [];

  /** @type {Caller | null} */
  #call = null;

  /** The key the call was made with. */
  #key = "";

  /** @type {State} */
  #state = { state: "idle" };

  #muted = false;

  /** What was typed while there was no call to send it to. @type {string[]} */
  #unasked = [];

  /**
   * @param {Keeper} keeper
   * @param {Words} words
   * @param {MakeCall} makeCall
   */
  constructor(keeper, words, makeCall) {
    this.#keeper = keeper;
    this.#words = words;
    this.#makeCall = makeCall;
    this.#stage = new Stage(words);
    this.#timing = new Timing(words);
    this.#dialogs = new Dialogs(words);
    this.#keepsakes = new Keepsakes(words, this.#dialogs, this.#notices);
    this.#settings = new Settings(keeper, words);
    this.#transcript = new Transcript(words, {
      onTurn: (id) => this.#showTurn(id),
      onCopy: (text) => void this.#keepsakes.copy(text),
    });
    const situation = () => ({ state: this.#state, handsFree: keeper.now.handsFree });
    this.#talk = new TalkButton(the("talk", HTMLButtonElement), situation, this.#wishes());
    this.#listen();
    keeper.follow(() => this.#settle());
    words.follow(() => this.#draw());
  }

  /** Begin to talk: in the call that is there, or in a new one. */
  async start() {
    if (this.#state.typing) await this.#call?.listen();
    else await this.#begin(false);
  }

  /** @param {boolean} typing Whether the call does without a microphone. */
  async #begin(typing) {
    if (live(this.#state.state)) return;
    if (!this.#call || this.#key !== this.#keeper.now.key) this.#take();
    this.#conversation.begin();
    await this.#call?.start({ typing });
  }

  /** A call of its own, with its listeners. */
  #take() {
    const { now } = this.#keeper;
    this.#key = now.key;
    const call = this.#makeCall({ url: location.origin, key: now.key, settings: settingsOf(now) });
    this.#call = call;
    call.on("state", (state) => this.#become(state));
    call.on("level", (level) => this.#stage.dial.feed(level));
    call.on("item", (item) => this.#tell(() => this.#conversation.put(item)));
    call.on("removed", ({ id }) => this.#tell(() => this.#conversation.remove(id)));
    call.on("partial", ({ id, text }) => this.#tell(() => this.#conversation.hear(id, text)));
    call.on("turn", (turn) => this.#clock(turn));
    call.on("resumed", (resumed) => this.#resume(resumed));
    call.on("notice", (notice) => this.#notices.show(this.#noticeText(notice)));
  }

  /** @param {State} state */
  #become(state) {
    const before = this.#state;
    this.#state = state;
    this.#awake.keep(live(state.state));
    if (!live(state.state)) this.#leave(state);
    if (connected(state)) this.#askAll();
    if (hears(state) && !hears(before) && this.#talk.held) this.#call?.pushToTalk(true);
    this.#drawStage();
  }

  /**
   * There is no call any more: the next one hears again. What was typed and never sent needs no microphone; if that is
   * not what was missing, it is given back.
   *
   * @param {State} state
   */
  #leave({ reason }) {
    this.#muted = false;
    this.#call?.setMuted(false);
    if (this.#unasked.length && reason && NO_MICROPHONE.includes(reason)) return void this.#begin(true);
    const unasked = this.#unasked.splice(0).join(" ");
    this.#field.value ||= unasked;
  }

  /** @param {() => void} change To the conversation. */
  #tell(change) {
    change();
    this.#draw();
  }

  /** @param {Turn} turn */
  #clock(turn) {
    const known = this.#turns.some(({ id }) => id === turn.id);
    this.#turns = known ? this.#turns.map((one) => (one.id === turn.id ? turn : one)) : [...this.#turns, turn];
    this.#timing.show(this.#turns);
    this.#panel.settle(this.#timing.any);
    this.#drawConversation();
  }

  #draw() {
    this.#drawConversation();
    this.#drawStage();
  }

  #drawConversation() {
    const { lines } = this.#conversation;
    this.#app.toggleAttribute("data-empty", lines.length === 0);
    this.#transcript.show(lines, this.#turns);
  }

  #drawStage() {
    this.#stage.show({
      state: this.#state,
      handsFree: this.#keeper.now.handsFree,
      muted: this.#muted,
      partial: this.#conversation.partial,
    });
  }

  /** The preferences are other ones. */
  #settle() {
    const { now } = this.#keeper;
    this.#transcript.announce(now.announce);
    (now.handsFree ? this.#free : this.#hold).checked = true;
    this.#call?.configure(settingsOf(now));
    this.#drawStage();
  }

  #listen() {
    const on = (/** @type {string} */ id, /** @type {() => void} */ act) =>
      the(id, HTMLButtonElement).addEventListener("click", act);
    on("mute", () => this.#mute());
    on("hush", () => this.#call?.interrupt());
    on("end", () => this.#call?.stop());
    on("new", () => this.#askAnew());
    on("save", () => this.#keepsakes.offer(this.#conversation.lines, this.#turns));
    on("settings-open", () => this.#settings.open());
    on("to-settings", () => this.#settings.open());
    this.#free.addEventListener("change", () => this.#keeper.change({ handsFree: true }));
    this.#hold.addEventListener("change", () => this.#keeper.change({ handsFree: false }));
    the("tries", HTMLElement).addEventListener("click", ({ target }) => {
      if (target instanceof HTMLButtonElement) this.#ask(target.textContent ?? "");
    });
    the("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#field.value.trim();
      this.#field.value = "";
      if (text) this.#ask(text);
    });
  }

  /** What the talk button and the keyboard do. */
  #wishes() {
    return {
      start: () => void this.start(),
      end: () => this.#call?.stop(),
      hold: (/** @type {boolean} */ down) => (!down || hears(this.#state)) && this.#call?.pushToTalk(down),
      type: () => this.#field.focus(),
      mute: () => this.#mute(),
      hush: () => this.#panel.close() || this.#call?.interrupt(),
    };
  }

  #mute() {
    if (!this.#call || !live(this.#state.state) || this.#state.typing) return;
    this.#muted = !this.#muted;
    this.#call.setMuted(this.#muted);
    this.#notices.show(this.#words.say(this.#muted ? "notice.muted" : "notice.unmuted"));
    this.#drawStage();
  }

  /**
   * Ask something in writing: at once, or as soon as there is a call, for which no microphone is needed.
   *
   * @param {string} text
   */
  #ask(text) {
    this.#unasked.push(text);
    if (connected(this.#state)) this.#askAll();
    else void this.#begin(true);
  }

  #askAll() {
    for (const text of this.#unasked.splice(0)) this.#call?.sendText(text);
  }

  /** @param {string} id Of a turn. */
  #showTurn(id) {
    this.#timing.choose(id);
    this.#panel.open();
  }

  #askAnew() {
    if (this.#conversation.lines.length === 0) return this.#field.focus();
    const yes = { text: this.#words.say("new.confirm"), act: () => this.#anew(), testid: "confirm" };
    this.#dialogs.confirm(this.#words.say("new.title"), this.#words.say("new.body"), yes);
  }

  #anew() {
    this.#call?.stop();
    this.#call = null;
    this.#conversation = new Conversation();
    this.#turns = [];
    this.#timing.show([]);
    this.#panel.settle(false);
    this.#become({ state: "idle" });
    this.#drawConversation();
  }

  /** @param {Notice} notice */
  #noticeText({ code, message }) {
    if (code === "no-audio" || NO_MICROPHONE.includes(code)) return this.#words.failure(code);
    return this.#words.sayOf("notice", code, "notice.other", { message: message || code });
  }

  /** @param {Resumed} resumed */
  #resume({ resumed, lostAudio }) {
    if (!resumed) this.#conversation.begin();
    const key = !resumed ? "notice.restarted" : lostAudio >= 0.1 ? "notice.resumedPartly" : "notice.resumed";
    this.#notices.show(this.#words.say(key, { seconds: lostAudio.toFixed(1) }));
  }
}

/**
 * Whether there is a server that answers.
 *
 * @param {State} state
 */
function connected({ state }) {
  return live(state) && state !== "connecting" && state !== "reconnecting";
}

/**
 * Whether it hears, too.
 *
 * @param {State} state
 */
function hears(state) {
  return connected(state) && !state.typing;
}
