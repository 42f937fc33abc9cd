/** What the browser knows of the network: reasons to doubt a connection, and to seek another one now. */

/**
 * @param {import("./realtime.js").Realtime} realtime
 * @param {AbortSignal} over Ends the watch.
 */
export function watchNetwork(realtime, over) {
  const options = { signal: over };
  addEventListener("offline", () => realtime.doubt(), options);
  addEventListener("online", () => realtime.hurry(), options);
  document.addEventListener("visibilitychange", () => document.hidden || realtime.hurry(), options);
}
