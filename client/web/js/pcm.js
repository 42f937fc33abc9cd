/** Sound as the wire carries it: 24 kHz, 16 bit little endian, one channel, base64. */

/** Samples per second on the wire, both ways. */
export const RATE = 24_000;

/** Loudness below which a level is 0. */
const QUIETEST_DB = -60;

/** Bytes turned into characters at a time: more would not fit a call's arguments. */
const SLICE = 0x2000;

/**
 * Samples of -1 to 1 as 16 bit integers, clipped.
 *
 * @param {Float32Array} samples
 */
export function toInt16(samples) {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0;
    pcm[i] = Math.max(-32768, Math.min(32767, Math.round(sample * 32768)));
  }
  return pcm;
}

/**
 * Give back the memory of samples that nobody needs any more. Collectors do not hurry, least of all in the audio thread.
 *
 * @param {Int16Array} pcm
 */
export function release(pcm) {
  /** @type {any} */ (pcm.buffer).transfer?.(0); // not in browsers of before 2024, which do without
}

/**
 * @param {Int16Array} pcm
 * @returns {string} base64
 */
export function encode(pcm) {
  const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  let text = "";
  for (let i = 0; i < bytes.length; i += SLICE) {
    text += String.fromCharCode(...bytes.subarray(i, i + SLICE));
  }
  return btoa(text);
}

/**
 * @param {string} base64 An odd last byte is dropped.
 */
export function decode(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length & ~1);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = text.charCodeAt(i);
  }
  return new Int16Array(bytes.buffer);
}

/**
 * The mean of the squares of samples of -1 to 1.
 *
 * @param {Float32Array} samples
 */
export function power(samples) {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  return samples.length ? sum / samples.length : 0;
}

/**
 * How full a meter stands at this power: 0 at -60 dBFS and below, 1 at full scale.
 *
 * @param {number} power
 */
export function meter(power) {
  const decibels = 10 * Math.log10(power + 1e-12);
  return Math.max(0, Math.min(1, 1 - decibels / QUIETEST_DB));
}
