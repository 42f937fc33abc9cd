/** Where the wait for an answer went: the server's stopwatch and the page's, laid end to end so that they add up. */

/** @typedef {import("./types.js").Part} Part */
/** @typedef {import("./types.js").PartName} PartName */
/** @typedef {import("./types.js").PageMarks} PageMarks */

/** @type {[PartName, string][]} The server's stages, each with the mark that ends it. */
const STAGES = [
  ["pause", "paused"],
  ["asr", "asr_final"],
  ["choose", "model_chosen"],
  ["ask", "llm_request"],
  ["llm", "llm_first_token"],
  ["clause", "first_clause"],
  ["queue", "tts_request"],
  ["tts", "first_audio"],
  ["floor", "endpoint"],
  ["send", "sent"],
];

/**
 * The parts of a turn, first to last.
 *
 * The server works ahead while it waits for the user to be done: the wait for the floor is only what is left of that
 * once the sound is ready. Up and down link are the measured round trip, as far as there is room for it; what is left
 * between the two clocks is explained by nothing.
 *
 * @param {Record<string, number>} marks Milliseconds since the last voiced sample, by the server's clock.
 * @param {PageMarks} page
 * @param {number} roundTrip Milliseconds
 * @returns {Part[]} None where the beginning or the end is unknown.
 */
export function partsOf(marks, page, roundTrip) {
  const { spoken, sent, received, rendered, heard } = page;
  if (spoken === null || sent === null || received === null || rendered === null || heard === null) {
    return [];
  }
  const stages = stagesOf(marks);
  const server = stages.reduce((sum, [, ms]) => sum + ms, 0);
  const network = Math.max(0, Math.min(roundTrip, received - sent - server));
  const buffer = Math.max(0, rendered - received);
  const explained = sent - spoken + network + server + buffer + (heard - rendered);
  return chain([
    ["microphone", sent - spoken],
    ["upload", network / 2],
    ...stages,
    ["download", network / 2],
    ["unexplained", heard - spoken - explained],
    ["buffer", buffer],
    ["output", heard - rendered],
  ]);
}

/**
 * @param {Record<string, number>} marks
 * @returns {[PartName, number][]} Milliseconds of each stage that took place.
 */
function stagesOf(marks) {
  let now = 0;
  return STAGES.flatMap(([name, mark]) => {
    const at = marks[mark];
    if (at === undefined) {
      return [];
    }
    const ms = Math.max(0, at - now);
    now += ms;
    return [[name, ms]];
  });
}

/**
 * @param {[PartName, number][]} stages
 * @returns {Part[]}
 */
function chain(stages) {
  let from = 0;
  return stages.map(([name, ms]) => {
    const part = { name, from, ms };
    from += ms;
    return part;
  });
}
