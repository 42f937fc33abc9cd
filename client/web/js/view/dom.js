/** Elements, made in one line each, without markup in strings. */

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {string | Node | null | false} Child */
/** @typedef {Record<string, string | number | boolean | EventListener>} Attributes */

/**
 * An HTML element. An attribute that is false is left out, a function listens to the event of that name.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * The same for SVG.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * One of the drawings at the beginning of the page, for the eye only.
 *
 * @param {string} name
 */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `#icon-${name}` }));
}

/**
 * Put these in the place of an element's children. What looks the same stays: it keeps the focus, and is not told again.
 *
 * @param {Element} element
 * @param {Element[]} children
 */
export function renew(element, children) {
  for (const [at, child] of children.entries()) {
    const there = element.children[at];
    if (!there) element.append(child);
    else if (!there.isEqualNode(child)) there.replaceWith(child);
  }
  while (element.children.length > children.length) element.lastElementChild?.remove();
}

/**
 * Put these into a dialog in the place of what it has, but for its notices: they stay, or would not be told.
 *
 * @param {HTMLDialogElement} dialog
 * @param {...Element} content
 */
export function furnish(dialog, ...content) {
  for (const child of [...dialog.children]) if (!child.matches(".notices")) child.remove();
  dialog.prepend(...content);
}

/**
 * The element of the page with this id. The page is ours: one that is missing is a mistake.
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function the(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`index.html has no ${kind.name} with the id ${id}`);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 * @returns {E}
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== false));
  return element;
}
