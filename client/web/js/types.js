/**
 * What a call and the page agree on: its settings, its events, and the words they are made of. Types only.
 *
 * ```js
 * const call = new Call({ url: location.origin, key: "", settings: { handsFree: true } });
 * call.on("item", (item) => transcript.show(item));
 * await call.start();
 * ```
 *
 * @module
 */

/**
 * How a call behaves. What is left out is as the server, or the browser, has it.
 *
 * @typedef {object} Settings
 * @property {string} [persona] One of the server's; empty for none.
 * @property {string} [instructions] What to be like, whatever the persona says; left out, as that, or the server's own.
 * @property {string} [voice] A name the server knows; empty for the persona's, or its usual voice.
 * @property {string} [language] ISO 639-1 code of what the user speaks; empty to find out.
 * @property {number} [speed] Of the voice, 0.25 to 1.5.
 * @property {boolean} [handsFree] The server notices when the user is done (true); else `pushToTalk` says so.
 * @property {Patience} [patience] How long a pause may be before the user counts as done.
 * @property {string} [inputDevice] `deviceId` of a microphone; empty for the system's choice.
 * @property {string} [outputDevice] `deviceId` of speakers; empty for the system's choice. Some browsers cannot.
 * @property {boolean} [echoCancellation] On unless false, as are the two below.
 * @property {boolean} [noiseSuppression]
 * @property {boolean} [autoGainControl]
 * @property {string} [model] Asked for when a call starts; a change counts from the next call on.
 * @property {string} [policy] How the server is to choose among its models; counts like `model`.
 */

/** @typedef {"low" | "medium" | "high" | "auto"} Patience */

/**
 * @typedef {"idle" | "connecting" | "listening" | "hearing" | "thinking" | "speaking" | "interrupted" | "reconnecting"
 *   | "failed"} StateName
 */

/**
 * Why a call is over that should not be; the page has a sentence for each.
 *
 * - `insecure-origin`: browsers give no microphone to pages that are neither https nor localhost
 * - `permission-denied`, `no-microphone`, `microphone-busy`: what the browser says of the microphone
 * - `no-audio`: the browser lacks audio worklets, or the sound system does not start
 * - `bad-key`: the server wants another key; `wrong-origin`: it does not want this page
 * - `server-gone`: it cannot be reached (any more); `server-full`: it has no room
 * - `session-expired`: the longest a call may last is over; `elsewhere`: the call went on in another tab
 * - `no-model`: there is nobody to answer; `not-understood`: this is no Realtime server, or too old
 *
 * @typedef {"insecure-origin" | "permission-denied" | "no-microphone" | "microphone-busy" | "no-audio" | "bad-key"
 *   | "wrong-origin" | "server-gone" | "server-full" | "session-expired" | "elsewhere" | "no-model"
 *   | "not-understood"} FailureReason
 */

/** @typedef {{ state: StateName, reason?: FailureReason, typing?: boolean }} State `typing`: there is no microphone. */

/** @typedef {{ input: number, output: number }} Level Loudness, 0 (-60 dBFS and below) to 1 (full scale). */

/**
 * One thing said. The same id again replaces it.
 *
 * @typedef {object} Item
 * @property {string} id
 * @property {"user" | "assistant" | "system"} role
 * @property {string} text All of it, as far as it is known. A user's item that stays empty once final was no speech.
 * @property {string | null} heard The beginning of an interrupted answer that was really played; null while there is
 *   no cut: all of it is, or will be, heard.
 * @property {boolean} spoken Said aloud; false for what was typed, or is only read.
 * @property {boolean} final Nothing will change any more, but for `heard`.
 * @property {string | null} after Id of the item it follows; null for the first one.
 */

/**
 * A stretch of the wait for an answer. Parts follow each other without gaps: each begins where the one before ends.
 *
 * @typedef {object} Part
 * @property {PartName} name
 * @property {number} from Milliseconds since the last voiced sample (since a typed question was sent).
 * @property {number} ms How long it took. Negative only for `unexplained`, where clocks disagree.
 */

/**
 * - `microphone`: from the captured sample to the socket; the wait for the rest of its message does not count
 * - `upload`, `download`: half of the measured round trip each
 * - `pause` to `send`: the server's stages: it waits for quiet (`pause`), recognises (`asr`), chooses a model
 *   (`choose`), asks it (`ask`), waits for its first token (`llm`) and first clause (`clause`), hands it to the voice
 *   (`queue`), waits for the first sound (`tts`), for the certainty that the user is done (`floor`), and sends (`send`)
 * - `buffer`: from the first audio received to the first sample rendered; `output`: from there to the ear
 * - `unexplained`: what is left of the whole
 *
 * @typedef {"microphone" | "upload" | "pause" | "asr" | "choose" | "ask" | "llm" | "clause" | "queue" | "tts" | "floor"
 *   | "send" | "download" | "unexplained" | "buffer" | "output"} PartName
 */

/**
 * Where the time of one answer went. The same id again tells more of the same turn: the last word comes when the answer
 * is complete and has begun to be heard.
 *
 * @typedef {object} Turn
 * @property {string} id Of the response.
 * @property {string | null} question Id of the user's item it answers, where that is known.
 * @property {string | null} answer Id of the assistant's item.
 * @property {"in_progress" | "completed" | "cancelled" | "incomplete" | "failed"} status
 * @property {string | null} why The reason for any end but completion: `turn_detected`, an error's message, ...
 * @property {number | null} earToEar Milliseconds from the last voiced sample to the first one heard; null if unknown.
 * @property {number | null} network Milliseconds of it spent on the way, both ways.
 * @property {Part[]} parts They add up to `earToEar`; empty while that is unknown.
 * @property {Record<string, number>} marks The server's stopwatch, milliseconds since the last voiced sample.
 * @property {PageMarks} page The page's own stopwatch.
 * @property {Record<string, string>} engines Which engine did what: `{asr, llm, tts}`.
 * @property {Choice | null} choice Null while the server has not told.
 * @property {Record<string, unknown> | null} usage As the wire has it.
 */

/**
 * Which models were asked, and what that came to; in the words of the wire.
 *
 * @typedef {object} Choice
 * @property {string} model The one that answered; empty where none did.
 * @property {string} why In one line; empty where there was no choice.
 * @property {string} kind What the question was taken for.
 * @property {number | null} time_left_ms Until the first word was late, when the model was chosen.
 * @property {string[]} asked In order.
 * @property {number} failures How many of them failed.
 * @property {number} wasted_tokens Of answers that were thrown away for another one.
 * @property {number} saved_ms What the first one would have taken longer.
 * @property {number} cost_usd Of all that were asked.
 */

/**
 * Moments on the page's clock (`performance.now()`, milliseconds); null where unknown.
 *
 * @typedef {object} PageMarks
 * @property {number | null} spoken The last voiced sample was captured, or a typed question sent.
 * @property {number | null} sent It was handed to the socket, but for the wait for the rest of its message.
 * @property {number | null} received The first audio of the answer came in.
 * @property {number | null} rendered Its first sample went to the sound system.
 * @property {number | null} heard That sample left the speakers, as far as the browser knows.
 */

/**
 * The connection is back. Not `resumed`: the server has lost the conversation and begins a new one.
 *
 * @typedef {object} Resumed
 * @property {boolean} resumed
 * @property {number} missedEvents Of the server's events, how many are lost for good.
 * @property {number} lostAudio Seconds of the user's speech the server will never hear.
 * @property {number} outage Seconds it lasted.
 */

/**
 * Something worth a line on the page; the call goes on. Codes of our own:
 *
 * - `microphone-lost`, `microphone-changed`: another one is used now, if there is one
 * - `permission-denied`, `no-microphone`, `microphone-busy`, `no-audio`: why there is no microphone
 * - `sound-blocked`: the browser plays nothing before the page is touched; `output-device`: those speakers cannot be
 *   used
 * - `answer-failed`: no answer could be made
 *
 * Any other code is the server's, with its message.
 *
 * @typedef {{ code: string, message: string }} Notice
 */

/**
 * What a call tells, by event name.
 *
 * @typedef {object} CallEvents
 * @property {State} state
 * @property {Level} level About 20 times a second while the call lasts.
 * @property {Item} item
 * @property {{ id: string }} removed
 * @property {{ id: string, text: string }} partial The words so far of an utterance that is still being spoken. Its
 *   item comes under the same id.
 * @property {Turn} turn
 * @property {Resumed} resumed
 * @property {Notice} notice
 */

export {};
