/** For tests: records what the page's microphone gives and what its speakers get, by one clock. */
(() => {
  const WORKLET = `
    const LENGTH = 4096;
    class Tap extends AudioWorkletProcessor {
      #sides = null;
      #filled = 0;
      #frame = 0;

      constructor() {
        super();
        this.port.onmessage = () => globalThis.gc?.(); // with --js-flags=--expose-gc
      }

      process(inputs) {
        if (!this.#sides) {
          this.#sides = inputs.map(() => new Float32Array(LENGTH));
          this.#filled = 0;
          this.#frame = currentFrame;
        }
        this.#sides.forEach((side, at) => inputs[at][0] && side.set(inputs[at][0], this.#filled));
        this.#filled += 128;
        if (this.#filled === LENGTH) {
          this.port.postMessage({ frame: this.#frame, sides: this.#sides });
          this.#sides = null;
        }
        return true;
      }
    }
    registerProcessor("tap", Tap);`;

  const connect = AudioNode.prototype.connect;
  const url = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
  /** @type {Map<BaseAudioContext, Promise<AudioWorkletNode>>} */
  const taps = new Map();

  async function open(context) {
    await context.audioWorklet.addModule(url);
    const tap = new AudioWorkletNode(context, "tap", { numberOfInputs: 2, numberOfOutputs: 0 });
    tap.port.onmessage = ({ data }) => {
      least = Math.min(least, performance.now() - (1000 * data.frame) / context.sampleRate);
      window.tapped.pieces.push(data);
    };
    return tap;
  }

  let least = Infinity;

  /** Milliseconds by which `performance.now()` is ahead of the sound system, by its quickest message since the last look. */
  function offset() {
    const was = least;
    least = Infinity;
    return was;
  }

  /** Have the audio thread clean up, where the browser was started so that it can. */
  async function tidy() {
    for (const tap of taps.values()) (await tap).port.postMessage("tidy");
  }

  window.tapped = { rate: 0, pieces: [], offset, tidy };

  AudioNode.prototype.connect = function (target, ...rest) {
    const side = this instanceof MediaStreamAudioSourceNode ? 0 : target instanceof AudioDestinationNode ? 1 : null;
    if (side !== null) {
      window.tapped.rate = this.context.sampleRate;
      if (!taps.has(this.context)) taps.set(this.context, open(this.context));
      taps.get(this.context).then((tap) => connect.call(this, tap, 0, side));
    }
    return connect.call(this, target, ...rest);
  };
})();
