/** The two small boxes that ask something: what to save, and whether to begin anew. */

import { furnish, html, icon, the } from "./dom.js";

/** @typedef {import("./words.js").Words} Words */

/** @typedef {{ text: string, act: () => void, testid: string }} Choice */
/** @typedef {{ title: string, choices: Choice[] }} Group */

export class Dialogs {
  #box = the("dialog", HTMLDialogElement);
  #words;

  /** @param {Words} words */
  constructor(words) {
    this.#words = words;
    this.#box.addEventListener("pointerdown", (event) => event.target === this.#box && this.#box.close());
  }

  /**
   * Ask what to do with what.
   *
   * @param {string} title
   * @param {string} note
   * @param {Group[]} groups
   */
  choose(title, note, groups) {
    const rows = groups.map((group) =>
      html(
        "div",
        { class: "choices", role: "group", "aria-label": group.title },
        html("p", {}, group.title),
        html("div", {}, ...group.choices.map((choice) => this.#button(choice, "quiet"))),
      ),
    );
    this.#show(title, ...rows, html("p", { class: "soft" }, note));
  }

  /**
   * Ask whether to do it.
   *
   * @param {string} title
   * @param {string} body
   * @param {Choice} yes
   */
  confirm(title, body, yes) {
    const cancel = { text: this.#words.say("dialog.cancel"), act: () => undefined, testid: "cancel" };
    this.#show(
      title,
      html("p", { class: "soft" }, body),
      html("div", { class: "answers" }, this.#button(cancel, "quiet"), this.#button(yes, "strong")),
    );
  }

  /**
   * @param {string} title
   * @param {...Element} content
   */
  #show(title, ...content) {
    const label = this.#words.say("settings.close");
    const close = html(
      "button",
      { class: "tool", "aria-label": label, title: label, click: () => this.#box.close() },
      icon("close"),
    );
    this.#box.setAttribute("aria-label", title);
    furnish(this.#box, html("div", { class: "panel-head" }, html("h2", {}, title), close), ...content);
    this.#box.showModal();
  }

  /**
   * @param {Choice} choice
   * @param {string} kind
   */
  #button({ text, act, testid }, kind) {
    const press = () => {
      this.#box.close();
      act();
    };
    return html("button", { class: kind, "data-testid": testid, click: press }, text);
  }
}
