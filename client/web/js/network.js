/** What the browser knows of the network, and of its user: reasons to doubt a connection, to seek another, to take leave. */

/**
 * Who closes the page, or loads it anew, is gone, and the server need not wait; a page that is put aside may come back.
 *
 * @param {import("./realtime.js").Realtime} realtime
 * @param {() => void} leave
 * @param {AbortSignal} over Ends the watch.
 */
export function watchNetwork(realtime, leave, over) {
  const options = { signal: over };
  addEventListener("offline", () => realtime.doubt(), options);
  addEventListener("online", () => realtime.hurry(), options);
  addEventListener("pagehide", ({ persisted }) => persisted || leave(), options);
  document.addEventListener("visibilitychange", () => document.hidden || realtime.hurry(), options);
}
