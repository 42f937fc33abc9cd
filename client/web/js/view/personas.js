/** Who can answer: the characters that come with the page, and those of its server. The user's are among the preferences. */

/** @typedef {{ id: string, name: string, prompt: string }} Persona */

/** The id of the server's own character, for which nothing is sent. */
export const HOUSE = "house";

/** Their names are in the locales, as `persona.ID`. The prompts are for the model, which understands English best. */
export const BUILT_IN = /** @type {const} */ ({
  [HOUSE]: "",
  brief:
    "You answer in one short sentence, two at most. You leave out courtesies and repetitions. " +
    "When a question cannot be answered that briefly, you say the most important part.",
  tutor:
    "You are a patient language tutor. You speak the language the user is learning, in short and simple sentences. " +
    "When the user makes a mistake, you use the right form yourself in passing, and go on. " +
    "You end most answers with a small, easy question.",
  partner:
    "You help the user to think something through. You listen more than you speak, and ask one question at a time. " +
    "Now and then you say in one sentence where the thought has got to. You give your own view only when asked for it.",
  teller:
    "You tell stories as they are told by a fire: few words, clear pictures, a turn that nobody expects. " +
    "You stop where the listener may want to choose how it goes on, and take up whatever is suggested.",
});

/** @typedef {keyof typeof BUILT_IN} BuiltIn */

export const BUILT_IN_IDS = /** @type {BuiltIn[]} */ (Object.keys(BUILT_IN));

/** How the ids of the server's own personas begin; what follows is what it calls them. */
const THEIRS = "server:";

/**
 * What the server calls the persona of that id, if it is one of its own; else empty.
 *
 * @param {string} id
 */
export function theirName(id) {
  return id.startsWith(THEIRS) ? id.slice(THEIRS.length) : "";
}

/**
 * What to call one of the server's personas on the page.
 *
 * @param {string} id
 */
export function title(id) {
  const words = theirName(id).replace(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * The ids of the server's personas; none where it tells of none, or not to us.
 *
 * @param {string} key Empty for servers that want none.
 * @param {typeof fetch} [get]
 * @returns {Promise<string[]>}
 */
export async function theirs(key, get = fetch) {
  const headers = /** @type {HeadersInit} */ (key ? { authorization: `Bearer ${key}` } : {});
  try {
    const told = await get("v1/personas", { headers });
    const { data } = told.ok ? await told.json() : { data: [] };
    return data.map((/** @type {{ id: string }} */ { id }) => `${THEIRS}${id}`);
  } catch {
    return []; // the server is gone, or an older one: the page has characters of its own
  }
}

/**
 * What the model is told to be, or undefined for the server's own.
 *
 * @param {string} id
 * @param {readonly Persona[]} own
 */
export function promptOf(id, own) {
  const mine = own.find((persona) => persona.id === id);
  return (mine ? mine.prompt.trim() : BUILT_IN[/** @type {BuiltIn} */ (id)]) || undefined;
}
