/** Puts the page together: the preferences, the words, and a call, or the demonstration that stands in for one. */

import { Call } from "./call.js";
import { takeKeys } from "./view/address.js";
import { Page } from "./view/page.js";
import { Keeper } from "./view/preferences.js";
import { languageOf, Words } from "./view/words.js";

/** The browser's storage; null where it keeps nothing for this page. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

/** @param {string} scene See demo.js. */
async function demonstrate(scene) {
  const { DemoCall } = await import("./demo.js");
  const page = new Page(keeper, words, () => new DemoCall(scene));
  if (scene) await page.start();
}

const keeper = new Keeper(storage());
const words = new Words(languageOf(navigator.languages));
const scene = new URLSearchParams(location.search).get("demo");

takeKeys(keeper);
words.follow(() => words.label(document));
keeper.follow(() => {
  const { theme, pageLanguage } = keeper.now;
  document.documentElement.dataset["theme"] = theme;
  const language = pageLanguage || languageOf(navigator.languages);
  if (language !== words.language) words.speak(language);
});

if (scene === null) new Page(keeper, words, (options) => new Call(options));
else void demonstrate(scene);
