/** Puts the dashboard together: the reader's words and key, and the server's reports. */

import { the } from "../view/dom.js";
import { reader } from "../view/reader.js";
import { Board } from "./board.js";
import { follow } from "./feed.js";

const { keeper, words } = reader();
const board = new Board(words);

the("ask", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  keeper.change({ key: the("key", HTMLInputElement).value.trim() });
});

void follow(
  () => keeper.now.key,
  (told) => board.show(told),
);
