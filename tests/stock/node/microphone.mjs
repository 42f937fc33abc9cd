// A microphone that is never switched off: recorded speech when it is told to speak, the quiet of a room otherwise.

import { readFile } from "node:fs/promises";
import { join } from "node:path";

export const BYTES_PER_MS = 48; // 24 kHz, 16 bit, one channel

/** A recording (`.pcm`) or what is said in it (`.txt`), out of the folder that the test has prepared. */
const recorded = (file) => readFile(join(process.env.SPEECH, file));

/** The words of a recording. */
export const spoken = async (name) => (await recorded(`${name}.txt`)).toString();

export class Microphone {
  #waiting = Buffer.alloc(0);
  #timer;

  /** Calls `send` with a Buffer of raw sound every `pieceMs`, in real time, until it is switched `off`. */
  constructor(send, pieceMs) {
    const start = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      for (; sent * pieceMs <= performance.now() - start; sent++) send(this.#take(pieceMs * BYTES_PER_MS));
    }, pieceMs);
  }

  /** Speaks the recording and goes quiet again. */
  async speak(name) {
    this.#waiting = await recorded(`${name}.pcm`);
  }

  off() {
    clearInterval(this.#timer);
  }

  #take(size) {
    const piece = Buffer.alloc(size);
    for (let at = 0; at < size; at += 2) piece.writeInt16LE(Math.round(Math.random() * 6 - 3), at);
    this.#waiting.copy(piece);
    this.#waiting = this.#waiting.subarray(size);
    return piece;
  }
}
