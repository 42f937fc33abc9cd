/** The talk button and what surrounds it: the state of the call, unmistakably, and the controls of one's own voice. */

import { Dial } from "./dial.js";
import { icon, the } from "./dom.js";

/** @typedef {import("../types.js").State} State */
/** @typedef {import("../types.js").StateName} StateName */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

/**
 * What the talk button does when pressed.
 *
 * @typedef {"start" | "listen" | "end" | "hold" | "retry"} Press
 */

/**
 * @typedef {object} Situation
 * @property {State} state
 * @property {boolean} handsFree
 * @property {boolean} muted
 * @property {string} partial The words of the user so far.
 */

/** @type {Record<StateName, string>} */
const FACES = {
  idle: "mic",
  connecting: "link",
  listening: "mic",
  hearing: "mic",
  thinking: "dots",
  speaking: "waves",
  interrupted: "cut",
  reconnecting: "link",
  failed: "alert",
};

/** Failures that the settings can mend. */
const IN_SETTINGS = ["bad-key", "no-microphone", "microphone-busy"];

/** States in which there is something else to do for those who only type. */
const TYPING = ["connecting", "listening", "speaking"];

const CONNECTING = ["connecting", "reconnecting"];

/** States in which the page holds a call. */
const LIVE = ["connecting", "listening", "hearing", "thinking", "speaking", "interrupted", "reconnecting"];

/** @param {StateName} state */
export function live(state) {
  return LIVE.includes(state);
}

/**
 * What pressing the talk button does.
 *
 * @param {State} state
 * @param {boolean} handsFree
 * @returns {Press}
 */
export function press({ state, typing }, handsFree) {
  if (state === "failed") return "retry";
  if (!handsFree) return "hold";
  if (!live(state)) return "start";
  return typing ? "listen" : "end";
}

/**
 * What to tell the user to do, as a key of the locales; failures have sentences of their own.
 *
 * @param {Situation} situation
 * @returns {Key}
 */
export function hint({ state: { state, reason, typing }, handsFree, muted }) {
  if (state === "failed") return /** @type {Key} */ (`failure.${reason ?? "other"}.advice`);
  if (typing && TYPING.includes(state)) return /** @type {Key} */ (`hint.${state}Typing`);
  if (muted && (state === "listening" || state === "hearing")) return "hint.muted";
  const held = ["idle", "listening", "hearing", "speaking"].includes(state);
  return /** @type {Key} */ (`hint.${state}${held && !handsFree ? "Hold" : ""}`);
}

/**
 * The drawing on the talk button.
 *
 * @param {State} state
 * @param {boolean} silent
 */
function face({ state, typing }, silent) {
  if (silent) return "mic-off";
  return typing && state === "listening" ? "keyboard" : FACES[state];
}

export class Stage {
  dial = new Dial(the("dial", HTMLElement));

  #root = the("stage", HTMLElement);
  #talk = the("talk", HTMLButtonElement);
  #face = the("face", HTMLElement);
  #caption = the("caption", HTMLElement);
  #state = the("state", HTMLElement);
  #hint = the("hint", HTMLElement);
  #mute = the("mute", HTMLButtonElement);
  #muteWord = the("mute-word", HTMLElement);
  #hush = the("hush", HTMLButtonElement);
  #end = the("end", HTMLButtonElement);
  #toSettings = the("to-settings", HTMLButtonElement);
  #announcer = the("announcer", HTMLElement);
  #alarm = the("alarm", HTMLElement);
  #words;
  /** @type {State} */
  #before = { state: "idle" };

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
  }

  /** @param {Situation} situation */
  show(situation) {
    const {
      state: { state, typing = false },
      handsFree,
      muted,
      partial,
    } = situation;
    const silent = muted && (state === "listening" || state === "hearing");
    this.#root.dataset["state"] = this.#state.dataset["state"] = state;
    this.#root.toggleAttribute("data-muted", silent);
    this.#root.toggleAttribute("data-typing", typing);
    this.#state.textContent = this.#title(situation.state, silent);
    this.#hint.textContent = (state === "hearing" && partial) || this.#words.say(hint(situation));
    this.#hint.toggleAttribute("data-partial", state === "hearing" && partial !== "");
    this.#face.replaceChildren(icon(face(situation.state, silent)));
    this.#showPress(press(situation.state, handsFree));
    this.#showControls(situation.state, muted);
    this.dial.show(state);
    this.#tell(situation.state);
  }

  /**
   * @param {State} state
   * @param {boolean} silent
   */
  #title({ state, reason, typing }, silent) {
    if (silent) return this.#words.say("state.muted");
    if (typing && state === "listening") return this.#words.say("state.typing");
    if (state !== "failed") return this.#words.say(/** @type {Key} */ (`state.${state}`));
    return this.#words.say(/** @type {Key} */ (`failure.${reason ?? "other"}.title`));
  }

  /** @param {Press} press */
  #showPress(press) {
    this.#talk.setAttribute("aria-label", this.#words.say(`talk.${press}`));
    this.#caption.textContent = this.#words.say(`talk.caption.${press}`);
    this.#end.hidden = press === "end" || press === "start";
  }

  /**
   * @param {State} state
   * @param {boolean} muted
   */
  #showControls({ state, reason, typing = false }, muted) {
    this.#mute.setAttribute("aria-pressed", String(muted));
    this.#muteWord.textContent = this.#words.say(muted ? "control.unmute" : "control.mute");
    this.#mute.querySelector("use")?.setAttribute("href", `#icon-${muted ? "mic-off" : "mic"}`);
    this.#end.disabled = !live(state);
    this.#mute.disabled = typing || !live(state);
    this.#hush.disabled = state !== "speaking" && state !== "thinking";
    this.#toSettings.hidden = !(state === "failed" && IN_SETTINGS.includes(reason ?? ""));
  }

  /**
   * Tell a screen reader: a failure at once, the connection and whether it hears politely. The other states change
   * while somebody speaks, and would be told into the conversation.
   *
   * @param {State} now
   */
  #tell(now) {
    const before = this.#before;
    const { state, typing } = (this.#before = now);
    const fresh = state !== before.state;
    const connected = live(state) && !CONNECTING.includes(state) && CONNECTING.includes(before.state);
    const title = this.#state.textContent;
    if (fresh && state === "failed") this.#alarm.textContent = `${title}. ${this.#hint.textContent}`;
    if (fresh && CONNECTING.includes(state)) this.#announcer.textContent = title;
    else if (typing && (connected || !before.typing)) this.#announcer.textContent = this.#words.say("state.typing");
    else if (!typing && state === "listening" && (connected || before.typing)) this.#announcer.textContent = title;
  }
}
