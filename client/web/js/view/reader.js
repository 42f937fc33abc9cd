/** Whoever reads the page: what they have chosen, in which language, and how it is to look. */

import { takeKeys } from "./address.js";
import { Keeper } from "./preferences.js";
import { languageOf, Words } from "./words.js";

/** The browser's storage; null where it keeps nothing for this page. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** The reader's preferences and words, which the page follows from now on. */
export function reader() {
  const keeper = new Keeper(storage());
  const words = new Words(languageOf(navigator.languages));
  takeKeys(keeper);
  window.addEventListener("storage", () => keeper.refresh()); // told of other tabs only
  words.follow(() => words.label(document));
  keeper.follow(() => {
    const { theme, pageLanguage } = keeper.now;
    document.documentElement.dataset["theme"] = theme;
    const language = pageLanguage || languageOf(navigator.languages);
    if (language !== words.language) words.speak(language);
  });
  return { keeper, words };
}
