/** A key that comes with the page's address: behind the #, where neither the network nor the server's logs see it. */

/** @typedef {import("./preferences.js").Keeper} Keeper */

/**
 * Keep the key that is in the address, now and whenever there is one, and take it out of there: an address is shared,
 * photographed, and kept in the browser's history.
 *
 * @param {Keeper} keeper
 * @param {Pick<Window, "location" | "history" | "addEventListener">} [page]
 */
export function takeKeys(keeper, page = window) {
  const take = () => {
    const { hash, pathname, search } = page.location;
    const key = new URLSearchParams(hash.slice(1)).get("key");
    if (key === null) return;
    page.history.replaceState(null, "", pathname + search);
    if (key) keeper.change({ key });
  };
  page.addEventListener("hashchange", take);
  take();
}
