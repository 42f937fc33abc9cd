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
 * @typedef {"start" | "end" | "hold" | "retry"} Press
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
 * @param {StateName} state
 * @param {boolean} handsFree
 * @returns {Press}
 */
export function press(state, handsFree) {
  if (state === "failed") return "retry";
  if (!handsFree) return "hold";
  return live(state) ? "end" : "start";
}

/**
 * What to tell the user to do, as a key of the locales; failures have sentences of their own.
 *
 * @param {Situation} situation
 * @returns {Key}
 */
export function hint({ state: { state, reason }, handsFree, muted }) {
  if (state === "failed") return /** @type {Key} */ (`failure.${reason ?? "other"}.advice`);
  if (muted && (state === "listening" || state === "hearing")) return "hint.muted";
  const held = ["idle", "listening", "hearing", "speaking"].includes(state);
  return /** @type {Key} */ (`hint.${state}${held && !handsFree ? "Hold" : ""}`);
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
  /** @type {StateName} */
  #before = "idle";

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
  }

  /** @param {Situation} situation */
  show(situation) {
    const {
      state: { state, reason },
      handsFree,
      muted,
      partial,
    } = situation;
    const silent = muted && (state === "listening" || state === "hearing");
    this.#root.dataset["state"] = this.#state.dataset["state"] = state;
    this.#root.toggleAttribute("data-muted", silent);
    this.#state.textContent = silent ? this.#words.say("state.muted") : this.#title(state, reason);
    this.#hint.textContent = (state === "hearing" && partial) || this.#words.say(hint(situation));
    this.#hint.toggleAttribute("data-partial", state === "hearing" && partial !== "");
    this.#face.replaceChildren(icon(silent ? "mic-off" : FACES[state]));
    this.#showPress(press(state, handsFree));
    this.#showControls(state, muted);
    this.#end.hidden = handsFree; // the talk button ends the call then
    this.#toSettings.hidden = !(state === "failed" && IN_SETTINGS.includes(reason ?? ""));
    this.dial.show(state);
    this.#tell(state);
  }

  /**
   * @param {StateName} state
   * @param {string} [reason]
   */
  #title(state, reason) {
    if (state !== "failed") return this.#words.say(/** @type {Key} */ (`state.${state}`));
    return this.#words.say(/** @type {Key} */ (`failure.${reason ?? "other"}.title`));
  }

  /** @param {Press} press */
  #showPress(press) {
    this.#talk.setAttribute("aria-label", this.#words.say(`talk.${press}`));
    this.#caption.textContent = this.#words.say(`talk.caption.${press}`);
  }

  /**
   * @param {StateName} state
   * @param {boolean} muted
   */
  #showControls(state, muted) {
    this.#mute.setAttribute("aria-pressed", String(muted));
    this.#muteWord.textContent = this.#words.say(muted ? "control.unmute" : "control.mute");
    this.#mute.querySelector("use")?.setAttribute("href", `icons.svg#${muted ? "mic-off" : "mic"}`);
    this.#mute.disabled = this.#end.disabled = !live(state);
    this.#hush.disabled = state !== "speaking" && state !== "thinking";
  }

  /**
   * Tell a screen reader: a failure at once, the connection politely. The other states change while somebody speaks, and
   * would be told into the conversation.
   *
   * @param {StateName} state
   */
  #tell(state) {
    const before = this.#before;
    this.#before = state;
    if (state === before) return;
    if (state === "failed") this.#alarm.textContent = `${this.#state.textContent}. ${this.#hint.textContent}`;
    const connected = state === "listening" && CONNECTING.includes(before);
    if (connected || CONNECTING.includes(state)) this.#announcer.textContent = this.#state.textContent;
  }
}
