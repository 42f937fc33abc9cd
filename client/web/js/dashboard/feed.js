/** The server's report, asked for again and again while somebody looks. */

/** @typedef {import("./types.js").Report} Report */
/** @typedef {"gone" | "locked" | "off"} Silence Why there is none: no server, no key, or nothing is measured. */

/** Milliseconds between two reports. */
export const EVERY = 1000;

/** Milliseconds after which a server that does not answer is taken for gone. */
const PATIENCE = 5000;

/**
 * One report, or why there is none.
 *
 * @param {string} key Empty for servers that want none.
 * @param {typeof fetch} [get]
 * @returns {Promise<Report | Silence>}
 */
export async function ask(key, get = fetch) {
  const headers = /** @type {HeadersInit} */ (key ? { authorization: `Bearer ${key}` } : {});
  try {
    const told = await get("dashboard.json", { headers, signal: AbortSignal.timeout(PATIENCE) });
    if (told.ok) return await told.json();
    return told.status === 404 ? "off" : [401, 403].includes(told.status) ? "locked" : "gone";
  } catch {
    return "gone";
  }
}

/**
 * Ask for as long as the page is open, but not while nobody sees it.
 *
 * @param {() => string} key
 * @param {(told: Report | Silence) => void} show
 */
export async function follow(key, show) {
  for (;;) {
    if (document.hidden) await once(document, "visibilitychange");
    else {
      show(await ask(key()));
      await new Promise((resume) => setTimeout(resume, EVERY));
    }
  }
}

/**
 * @param {EventTarget} target
 * @param {string} event
 */
function once(target, event) {
  return new Promise((resume) => target.addEventListener(event, resume, { once: true }));
}
