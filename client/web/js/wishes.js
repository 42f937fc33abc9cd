/** The page's settings in the words of the wire. */

/** @typedef {import("./types.js").Settings} Settings */

/** Patience of ours, as OpenAI's eagerness to answer. */
const EAGERNESS = { low: "high", medium: "medium", high: "low", auto: "auto" };

/** @typedef {import("./dialogue.js").Json} Json */

/** @typedef {{ instructions?: string, voice?: string }} Usual What the server has where nobody wants anything else. */

/**
 * What the server has of itself, as a session that nobody has changed yet shows it.
 *
 * @param {Json} session
 * @returns {Usual}
 */
export function usualOf({ instructions, audio }) {
  return { instructions, voice: audio?.output?.voice };
}

/**
 * The `session` of a `session.update`. What is left open is as usual, also after it was something else.
 *
 * @param {Settings} settings
 * @param {Usual} [usual]
 * @returns {Json}
 */
export function sessionOf(settings, usual = {}) {
  const { language, speed, handsFree = true, patience = "auto" } = settings;
  const instructions = settings.instructions ?? usual.instructions;
  const voice = settings.voice || usual.voice;
  const detection = { type: "semantic_vad", eagerness: EAGERNESS[patience] };
  return {
    type: "realtime",
    output_modalities: ["audio"],
    ...given({ instructions }),
    audio: {
      input: {
        transcription: { model: "auto", ...given({ language }) },
        turn_detection: handsFree ? { ...detection, create_response: true, interrupt_response: true } : null,
      },
      output: given({ voice, speed }),
    },
  };
}

/** @param {Record<string, unknown>} fields */
function given(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
