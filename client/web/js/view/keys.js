/** The keyboard: space to talk, / to type, M to mute, Escape for silence. */

/** @typedef {"talk" | "type" | "mute" | "hush"} Command */

/** @type {Record<string, Command>} */
const COMMANDS = { " ": "talk", "/": "type", m: "mute", Escape: "hush" };

/** Where keys have a meaning of their own. */
const WRITING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const PRESSING = "button, a, summary, [type=checkbox]";

/**
 * What a key asks for, if it is ours: not one that is typed, or that presses what has the focus.
 *
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "isComposing">} event
 * @param {{ writing: boolean, pressing: boolean }} focus Whether the focus is where one writes, or on another button.
 * @returns {Command | null}
 */
export function command({ key, ctrlKey, metaKey, altKey, isComposing }, { writing, pressing }) {
  if (ctrlKey || metaKey || altKey || isComposing) return null;
  const asked = COMMANDS[key.length === 1 ? key.toLowerCase() : key] ?? null;
  if (asked === "hush") return asked;
  return writing || (asked === "talk" && pressing) ? null : asked;
}

/**
 * @typedef {object} Commands
 * @property {(down: boolean) => void} talk The key for talking is pressed, or let go.
 * @property {() => void} type
 * @property {() => void} mute
 * @property {() => void} hush
 */

/**
 * Listen to the keyboard from now on.
 *
 * @param {HTMLElement} talk The talk button, on which space means the same as elsewhere.
 * @param {Commands} commands
 */
export function listen(talk, commands) {
  let held = false;
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return; // Escape closes it, by itself
    const asked = command(event, focusOf(event.target, talk));
    if (!asked) return;
    if (asked !== "hush") event.preventDefault();
    if (event.repeat) return;
    if (asked === "talk") held = true;
    if (asked === "talk") commands.talk(true);
    else commands[asked]();
  });
  const release = () => {
    if (held) commands.talk(false);
    held = false;
  };
  document.addEventListener("keyup", (event) => {
    if (event.key !== " " || !held) return;
    event.preventDefault(); // or the talk button, if it has the focus, would be pressed as well
    release();
  });
  window.addEventListener("blur", release); // the key is let go in another window, which does not tell
}

/**
 * @param {EventTarget | null} target
 * @param {HTMLElement} talk
 */
function focusOf(target, talk) {
  const element = target instanceof Element ? target : null;
  const pressed = element?.closest(PRESSING) ?? null;
  return { writing: Boolean(element?.closest(WRITING)), pressing: pressed !== null && pressed !== talk };
}
