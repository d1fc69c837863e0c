/** Keeps what libbpf has freed from being used: an error instead of a crash. @module */

/** Whether a native resource is still there; asked before each use, also by what borrows from it. */
export class Lifetime {
  readonly #resource: string;
  #over = false;

  constructor(resource: string) {
    this.#resource = resource;
  }

  /** Throws once the resource is gone. */
  check(): void {
    if (this.#over) throw new TypeError(`Cannot use ${this.#resource}: it is closed`);
  }

  /** Ends it; true the first time, which is when the resource is to be freed. */
  end(): boolean {
    const first = !this.#over;
    this.#over = true;
    return first;
  }
}
