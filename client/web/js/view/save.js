/** The conversation and its timing as files. */

/** @typedef {import("./conversation.js").Line} Line */
/** @typedef {import("../types.js").Turn} Turn */

/**
 * The conversation to be read: what was not heard is struck through.
 *
 * @param {readonly Line[]} lines
 * @param {Record<"user" | "assistant", string>} names
 */
export function markdown(lines, names) {
  const paragraph = (/** @type {Line} */ { role, heard, unheard }) =>
    role === "break" ? "---\n" : `**${names[role]}:** ${heard}${struck(unheard)}\n`;
  return lines.map(paragraph).join("\n");
}

/**
 * The same without any marks, for the clipboard.
 *
 * @param {readonly Line[]} lines
 * @param {Record<"user" | "assistant", string>} names
 */
export function plain(lines, names) {
  const row = (/** @type {Line} */ { role, heard, cut }) =>
    role === "break" ? "" : `${names[role]}: ${heard}${cut ? " —" : ""}`;
  return lines.map(row).join("\n");
}

/**
 * The conversation for programs.
 *
 * @param {readonly Line[]} lines
 * @param {readonly Turn[]} turns
 */
export function json(lines, turns) {
  const said = lines.filter(({ role }) => role !== "break");
  const messages = said.map(({ id, role, heard, unheard, cut, typed }) => ({
    id,
    role,
    heard,
    unheard,
    interrupted: cut,
    typed,
  }));
  return `${JSON.stringify({ messages, turns }, null, 2)}\n`;
}

/**
 * A row for each turn; times in ms since the last voiced sample, stages in ms.
 *
 * @param {readonly Turn[]} turns
 */
export function csv(turns) {
  const parts = columns(turns.map((turn) => turn.parts.map(({ name }) => name)));
  const marks = columns(turns.map((turn) => Object.keys(turn.marks)));
  const head = [
    "turn",
    "id",
    "status",
    "ear_to_ear_ms",
    "network_ms",
    "asr",
    "llm",
    "tts",
    "input_tokens",
    "output_tokens",
  ];
  const header = [...head, ...parts.map((name) => `part_${name}_ms`), ...marks.map((name) => `mark_${name}_ms`)];
  const rows = turns.map((turn, at) => {
    const { id, status, earToEar, network, engines, usage } = turn;
    const who = [engines["asr"], engines["llm"], engines["tts"]];
    const spent = parts.map((name) => turn.parts.find((part) => part.name === name)?.ms);
    return [
      at + 1,
      id,
      status,
      earToEar,
      network,
      ...who,
      usage?.["input_tokens"],
      usage?.["output_tokens"],
      ...spent,
      ...marks.map((name) => turn.marks[name]),
    ];
  });
  return [header, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

/**
 * Hand a file to the browser.
 *
 * @param {string} name
 * @param {string} type MIME type.
 * @param {string} text
 */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // some browsers read it only after the click
}

/** @param {string} text */
function struck(text) {
  const words = text.trim();
  return words ? ` ~~${words}~~` : "";
}

/**
 * All names there are, each once, in the order in which they come up.
 *
 * @param {string[][]} rows
 */
function columns(rows) {
  return [...new Set(rows.flat())];
}

/**
 * A field of RFC 4180. One that a spreadsheet would take for a formula is quoted with an apostrophe.
 *
 * @param {unknown} value
 */
function field(value) {
  if (typeof value === "number") return String(Math.round(value * 10) / 10);
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
