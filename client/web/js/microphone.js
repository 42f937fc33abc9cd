/** The microphone: asked for, listened to in a worklet, and replaced when it is unplugged or a better one appears. */

/** @typedef {import("./types.js").Settings} Settings */
/** @typedef {import("./types.js").FailureReason} FailureReason */

const WORKLET = new URL("../worklets/capture.js", import.meta.url);

/** @type {Record<string, FailureReason>} What the browser's errors mean. */
const REASONS = {
  NotAllowedError: "permission-denied",
  SecurityError: "permission-denied",
  NotFoundError: "no-microphone",
  OverconstrainedError: "no-microphone",
  NotReadableError: "microphone-busy",
  AbortError: "microphone-busy",
};

/** Settings a microphone must be opened anew for. */
export const OPENED_WITH = /** @type {const} */ ([
  "inputDevice",
  "echoCancellation",
  "noiseSuppression",
  "autoGainControl",
]);

/**
 * Who is told.
 *
 * @typedef {object} Listener
 * @property {(message: import("../worklets/capture.js").Captured, latency: number) => void} captured A message of the
 *   worklet, and how many seconds the sound took to get there, as far as the browser tells.
 * @property {(refused: FailureReason | null) => void} changed The microphone is another one now; or there is none any
 *   more, for this reason.
 */

/** One microphone after the other. */
export class Microphone {
  #context;
  #listener;
  /** @type {Settings} */
  #settings = {};
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {AudioNode[]} */
  #nodes = [];
  #muted = false;
  #closed = false;
  #onchange = () => void this.#reconsider();

  /**
   * @param {AudioContext} context
   * @param {Listener} listener
   */
  constructor(context, listener) {
    this.#context = context;
    this.#listener = listener;
  }

  /**
   * Load what the audio thread needs.
   *
   * @param {AudioContext} context
   */
  static async prepare(context) {
    await context.audioWorklet.addModule(WORKLET);
  }

  /** @returns {FailureReason | null} Why this page cannot have a microphone at all. */
  static get forbidden() {
    return globalThis.isSecureContext && navigator.mediaDevices ? null : "insecure-origin";
  }

  /**
   * Ask the user for the microphone, and begin to listen; again with other settings, if need be.
   *
   * @param {Settings} settings
   */
  async open(settings) {
    this.#settings = settings;
    const stream = await navigator.mediaDevices.getUserMedia({ audio: constraintsOf(settings) });
    if (this.#closed) {
      return stream.getTracks().forEach((track) => track.stop());
    }
    this.#release();
    this.#listen(stream);
    navigator.mediaDevices.addEventListener("devicechange", this.#onchange);
  }

  close() {
    this.#closed = true;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#onchange);
    this.#release();
  }

  /** @param {boolean} muted Silence is sent then, so that the server's clock goes on. */
  set muted(muted) {
    this.#muted = muted;
    this.#stream?.getTracks().forEach((track) => (track.enabled = !muted));
  }

  /** @param {MediaStream} stream */
  #listen(stream) {
    this.#stream = stream;
    this.muted = this.#muted;
    const [track] = stream.getAudioTracks();
    track?.addEventListener("ended", () => void this.#replace(this.#settings));
    const latency = Number(Reflect.get(track?.getSettings() ?? {}, "latency") ?? 0);
    const source = this.#context.createMediaStreamSource(stream);
    const mono = { numberOfOutputs: 0, channelCount: 1, channelCountMode: /** @type {const} */ ("explicit") };
    const capture = new AudioWorkletNode(this.#context, "capture", mono);
    capture.port.onmessage = ({ data }) => this.#listener.captured(data, latency);
    source.connect(capture);
    this.#nodes = [source, capture];
  }

  #release() {
    this.#nodes.forEach((node) => node.disconnect());
    this.#nodes.forEach((node) => node instanceof AudioWorkletNode && (node.port.onmessage = null));
    this.#nodes = [];
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
  }

  async #reconsider() {
    const devices = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "audioinput");
    const current = this.#stream?.getAudioTracks()[0]?.getSettings() ?? null;
    if (isBetter(devices, current, this.#settings.inputDevice ?? "")) {
      await this.#replace(this.#settings);
    }
  }

  /** @param {Settings} settings */
  async #replace(settings) {
    try {
      await this.open(settings);
      this.#listener.changed(null);
    } catch (error) {
      this.#release();
      this.#listener.changed(reasonOf(error));
    }
  }
}

/**
 * @param {unknown} error Of `getUserMedia`.
 * @returns {FailureReason}
 */
export function reasonOf(error) {
  return REASONS[error instanceof Error ? error.name : ""] ?? "no-audio";
}

/**
 * @param {Settings} settings
 * @returns {MediaTrackConstraints} A device that is gone is not insisted on.
 */
export function constraintsOf(settings) {
  const { inputDevice, echoCancellation = true, noiseSuppression = true, autoGainControl = true } = settings;
  const wanted = inputDevice ? { deviceId: { ideal: inputDevice } } : {};
  return { channelCount: 1, echoCancellation, noiseSuppression, autoGainControl, ...wanted };
}

/**
 * Whether, of the microphones there are now, another one should be used.
 *
 * @param {Pick<MediaDeviceInfo, "deviceId" | "groupId">[]} devices
 * @param {Pick<MediaTrackSettings, "deviceId" | "groupId"> | null} current
 * @param {string} wanted Its `deviceId`; empty for the system's choice, which browsers list as `default`.
 */
export function isBetter(devices, current, wanted) {
  if (!current) {
    return devices.length > 0;
  }
  if (wanted) {
    return current.deviceId !== wanted && devices.some(({ deviceId }) => deviceId === wanted);
  }
  const usual = devices.find(({ deviceId }) => deviceId === "default");
  return Boolean(usual?.groupId && current.groupId && usual.groupId !== current.groupId);
}
