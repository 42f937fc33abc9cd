/** For tests: the states that the page has been in; on a busy machine one may be over before anybody looks. */
(() => {
  const states = (window.states = { seen: [], from: 0 });

  document.addEventListener("DOMContentLoaded", () => {
    const shown = document.querySelector("[data-testid=state]");
    if (!shown) return; // the dashboard has none
    const note = () => states.seen.push(shown.dataset.state);
    note();
    new MutationObserver(note).observe(shown, { attributeFilter: ["data-state"] });
  });
})();
