/** The page's settings in the words of the wire. */

/** @typedef {import("./types.js").Settings} Settings */

/** Patience of ours, as OpenAI's eagerness to answer. */
const EAGERNESS = { low: "high", medium: "medium", high: "low", auto: "auto" };

/**
 * The `session` of a `session.update`. What is left open stays as the server has it.
 *
 * @param {Settings} settings
 * @returns {import("./dialogue.js").Json}
 */
export function sessionOf({ instructions, voice, language, speed, handsFree = true, patience = "auto" }) {
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
      output: given({ voice: voice || undefined, speed }),
    },
  };
}

/** @param {Record<string, unknown>} fields */
function given(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
