/** What can be taken away from the page: the conversation and its timing, as files or on the clipboard. */

import { csv, download, json, markdown, plain } from "./save.js";

/** @typedef {import("./conversation.js").Line} Line */
/** @typedef {import("./dialogs.js").Dialogs} Dialogs */
/** @typedef {import("./notices.js").Notices} Notices */
/** @typedef {import("../types.js").Turn} Turn */
/** @typedef {import("./words.js").Words} Words */
/** @typedef {import("./words.js").Key} Key */

export class Keepsakes {
  #words;
  #dialogs;
  #notices;

  /**
   * @param {Words} words
   * @param {Dialogs} dialogs
   * @param {Notices} notices
   */
  constructor(words, dialogs, notices) {
    this.#words = words;
    this.#dialogs = dialogs;
    this.#notices = notices;
  }

  /**
   * Ask what to save, if there is anything, and save it.
   *
   * @param {readonly Line[]} lines
   * @param {readonly Turn[]} turns
   */
  offer(lines, turns) {
    const say = this.#words.say.bind(this.#words);
    if (lines.length === 0 && turns.length === 0) return this.#notices.show(say("save.nothing"));
    const names = { user: say("transcript.you"), assistant: say("transcript.it") };
    const copy = { text: say("save.copy"), act: () => void this.copy(plain(lines, names)), testid: "copy-all" };
    const conversation = [
      this.#file("save.markdown", ".md", "text/markdown", () => markdown(lines, names)),
      this.#file("save.json", ".json", "application/json", () => json(lines, turns)),
      copy,
    ];
    const timing = [
      this.#file("save.csv", "-timing.csv", "text/csv", () => csv(turns)),
      this.#file("save.json", "-timing.json", "application/json", () => JSON.stringify(turns, null, 2)),
    ];
    this.#dialogs.choose(say("save.title"), say("save.note"), [
      { title: say("save.conversation"), choices: conversation },
      { title: say("save.timing", { n: turns.length }), choices: timing },
    ]);
  }

  /** @param {string} text */
  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#notices.show(this.#words.say("notice.copied"));
    } catch {
      this.#notices.show(this.#words.say("notice.notCopied"));
    }
  }

  /**
   * @param {Key} key
   * @param {string} ending
   * @param {string} type
   * @param {() => string} text
   */
  #file(key, ending, type, text) {
    const act = () => {
      const minute = new Date().toISOString().slice(0, 16).replace(/[T:]/g, "-");
      download(`antiphon-${minute}${ending}`, type, text());
      this.#notices.show(this.#words.say("notice.saved"));
    };
    return { text: this.#words.say(key), act, testid: `save${ending.replace(".", "-")}` };
  }
}
