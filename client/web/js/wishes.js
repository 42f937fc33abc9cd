/** The page's settings in the words of the wire. */

/** @typedef {import("./types.js").Settings} Settings */

/** Patience of ours, as OpenAI's eagerness to answer. */
const EAGERNESS = { low: "high", medium: "medium", high: "low", auto: "auto" };

/** @typedef {import("./dialogue.js").Json} Json */

/** @typedef {{ instructions?: string, voice?: string }} Usual What the server has where nobody wants anything else. */

/**
 * What the server has of itself, as a session that nobody has changed yet shows it; one that is a persona shows none of it.
 *
 * @param {Json} session
 * @returns {Usual}
 */
export function usualOf({ instructions, audio, antiphon }) {
  return antiphon?.persona ? {} : { instructions, voice: audio?.output?.voice };
}

/**
 * The `session` of a `session.update`. What is left open is as the persona has it, or as usual, also
 * after it was something else.
 *
 * @param {Settings} settings
 * @param {Usual} [usual]
 * @returns {Json}
 */
export function sessionOf(settings, usual = {}) {
  const { persona = "", language, speed, handsFree = true, patience = "auto" } = settings;
  const instructions = settings.instructions ?? (persona ? undefined : usual.instructions);
  const voice = settings.voice || (persona ? undefined : usual.voice);
  const detection = { type: "semantic_vad", eagerness: EAGERNESS[patience] };
  return {
    type: "realtime",
    output_modalities: ["audio"],
    antiphon: { persona: persona || null },
    ...given({ instructions }),
    audio: {
      input: {
        transcription: { model: "auto", ...given({ language: language || undefined }) },
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
