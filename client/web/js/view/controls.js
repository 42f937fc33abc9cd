/** Labelled controls of a form. Each tells at once what has been chosen. */

import { html } from "./dom.js";

/** @typedef {{ value: string, text: string }} Option */
/** @typedef {{ group: string, options: Option[] }} Group */

/**
 * @param {string} id Of the control.
 * @param {string} label
 * @param {Node} control
 */
export function field(id, label, control) {
  return html("div", { class: "field" }, html("label", { class: "label", for: id }, label), control);
}

/**
 * One of many, some of which may stand together under a name.
 *
 * @param {{ id: string, label: string, options: (Option | Group)[], chosen: string }} what
 * @param {(value: string) => void} choose
 */
export function select({ id, label, options, chosen }, choose) {
  const option = (/** @type {Option} */ { value, text }) => html("option", { value, selected: value === chosen }, text);
  const choices = options.map((one) =>
    "group" in one ? html("optgroup", { label: one.group }, ...one.options.map(option)) : option(one),
  );
  return field(id, label, html("select", { id, change: (event) => choose(valueOf(event)) }, ...choices));
}

/**
 * One of a few, with a line about the one that is chosen.
 *
 * @param {{ id: string, label: string, options: Option[], chosen: string, note?: string }} what
 * @param {(value: string) => void} choose
 */
export function choice({ id, label, options, chosen, note }, choose) {
  const segments = options.map(({ value, text }) => {
    const change = () => choose(value);
    const input = html("input", { type: "radio", name: id, id: `${id}-${value}`, checked: value === chosen, change });
    return html("label", {}, input, html("span", {}, text));
  });
  const legend = html("legend", { class: "label" }, label);
  const about = note ? html("p", { class: "soft" }, note) : null;
  return html("fieldset", { class: "field" }, legend, html("div", { class: "segments" }, ...segments), about);
}

/**
 * On or off.
 *
 * @param {{ id: string, label: string, on: boolean }} what
 * @param {(on: boolean) => void} turn
 */
export function toggle({ id, label, on }, turn) {
  const change = (/** @type {Event} */ { target }) => turn(target instanceof HTMLInputElement && target.checked);
  const input = html("input", { type: "checkbox", role: "switch", id, checked: on, change });
  return html("label", { class: "switch" }, html("span", {}, label), input);
}

/**
 * A number, shown as `show` writes it.
 *
 * @param {{ id: string, label: string, value: number, least: number, most: number, step: number }} what
 * @param {(value: number) => string} show
 * @param {(value: number) => void} choose When it is let go.
 */
export function range({ id, label, value, least, most, step }, show, choose) {
  const shown = html("output", { for: id }, show(value));
  const input = (/** @type {Event} */ event) => shown.replaceChildren(show(Number(valueOf(event))));
  const change = (/** @type {Event} */ event) => choose(Number(valueOf(event)));
  const slider = html("input", { id, type: "range", min: least, max: most, step, value, input, change });
  const head = html("div", { class: "between" }, html("label", { class: "label", for: id }, label), shown);
  return html("div", { class: "field" }, head, slider);
}

/**
 * A line of text, or a secret.
 *
 * @param {{ id: string, label: string, value: string, type?: "text" | "password" }} what
 * @param {(value: string) => void} enter
 */
export function line({ id, label, value, type = "text" }, enter) {
  const change = (/** @type {Event} */ event) => enter(valueOf(event));
  const input = html("input", { id, type, autocomplete: "off", spellcheck: "false", maxlength: 500, value, change });
  return field(id, label, input);
}

/**
 * Several lines of text.
 *
 * @param {{ id: string, label: string, value: string }} what
 * @param {(value: string) => void} enter
 */
export function paragraph({ id, label, value }, enter) {
  const change = (/** @type {Event} */ event) => enter(valueOf(event));
  return field(id, label, html("textarea", { id, rows: 6, maxlength: 8000, change }, value));
}

/**
 * What has been entered or chosen.
 *
 * @param {Event} event
 */
function valueOf({ target }) {
  const control =
    target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
  return control ? target.value : "";
}
