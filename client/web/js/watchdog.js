/** Notices a connection that is dead though nobody has closed it: browsers give pages no pings to find out with. */

/** Milliseconds a server may take to say anything at all once it owes an answer. */
const PATIENCE = 4000;

/** Milliseconds in which something of what we send must leave. */
const STUCK = 4000;

/** Watches one connection; times are milliseconds of any clock that does not jump. */
export class Watchdog {
  /** @type {number | null} Since when the server owes us an answer. */
  #owes = null;
  /** @type {number | null} Since when our bytes have been piling up. */
  #piling = null;
  #piled = 0;

  /** The server has said something. */
  heard() {
    this.#owes = null;
  }

  /**
   * Something was sent that any server answers.
   *
   * @param {number} now
   */
  asked(now) {
    this.#owes ??= now;
  }

  /**
   * @param {number} now
   * @param {number} buffered Bytes that wait to leave.
   * @returns {boolean} Whether there is any hope.
   */
  alive(now, buffered) {
    if (buffered === 0 || buffered < this.#piled) {
      this.#piling = null;
    } else {
      this.#piling ??= now;
    }
    this.#piled = buffered;
    const late = this.#owes !== null && now - this.#owes > PATIENCE;
    const stuck = this.#piling !== null && now - this.#piling > STUCK;
    return !late && !stuck;
  }
}
