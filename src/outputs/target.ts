/** The memory that lines are written to, for access by words. @module */

/** Keeps the view of the memory that was last written to: making one takes as long as a line. */
export class Target {
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  /** The same memory as `bytes`. */
  viewOf(bytes: Uint8Array): DataView {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.#view;
  }
}
