/** What the page needs of a call: `Call` is one, and so is the scripted one of the demonstration. Types only. */

/** @typedef {import("../types.js").Settings} Settings */
/** @typedef {import("../types.js").CallEvents} CallEvents */

/**
 * @typedef {object} Caller
 * @property {(how: { typing: boolean }) => Promise<unknown>} start
 * @property {() => Promise<unknown>} listen
 * @property {() => unknown} stop
 * @property {(text: string) => void} sendText
 * @property {(muted: boolean) => void} setMuted
 * @property {(down: boolean) => void} pushToTalk
 * @property {(settings: Settings) => void} configure
 * @property {() => void} interrupt
 * @property {<Type extends keyof CallEvents>(type: Type, listener: (event: CallEvents[Type]) => void) => unknown} on
 */

/** @typedef {(options: { url: string, key: string, settings: Settings }) => Caller} MakeCall */

export {};
