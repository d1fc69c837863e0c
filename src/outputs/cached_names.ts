/** Names of numbers as bytes, each built once. @module */
import { type Constant, constant } from "./bytes.ts";

/** Programs choose many of these numbers: none may make the cache grow without end. */
const MOST_KEPT = 1024;

/** Remembers the text that stands for a number. */
export class CachedNames {
  readonly #name: (number: number) => string;
  readonly #known = new Map<number, Constant>();
  #lastNumber: number | undefined;
  #last: Constant = constant("");

  constructor(name: (number: number) => string) {
    this.#name = name;
  }

  /** The number's name. */
  of(number: number): Constant {
    if (number === this.#lastNumber) return this.#last;
    this.#last = this.#known.get(number) ?? this.#add(number);
    this.#lastNumber = number;
    return this.#last;
  }

  #add(number: number): Constant {
    if (this.#known.size === MOST_KEPT) this.#known.clear();
    const name = constant(this.#name(number));
    this.#known.set(number, name);
    return name;
  }
}
