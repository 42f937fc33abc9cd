/** Puts the page together: the preferences, the words, and a call, or the demonstration that stands in for one. */

import { Call } from "./call.js";
import { Page } from "./view/page.js";
import { reader } from "./view/reader.js";

/** @param {string} scene See demo.js. */
async function demonstrate(scene) {
  const { DemoCall } = await import("./demo.js");
  const page = new Page(keeper, words, () => new DemoCall(scene));
  if (scene) await page.start();
}

const { keeper, words } = reader();
const scene = new URLSearchParams(location.search).get("demo");

if (scene === null) new Page(keeper, words, (options) => new Call(options));
else void demonstrate(scene);
