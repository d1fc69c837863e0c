/** What is wrong with files that a user wrote: each thing with its place, told all at once. @module */
import { type AgentError, usageError } from "../errors.ts";

/** A place in a file; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Collects what is wrong, so that one run tells a user of all of it. */
export class Problems {
  readonly #found: { readonly place: Place; readonly message: string }[] = [];
  /** In the order in which they were read. */
  readonly #files: string[] = [];

  get none(): boolean {
    return this.#found.length === 0;
  }

  /** Takes note of one; the message does not say where it is. */
  add(place: Place, message: string): void {
    this.#found.push({ place, message });
  }

  /** Says that a file is read: those that were read first are told of first. */
  reading(file: string): void {
    if (!this.#files.includes(file)) this.#files.push(file);
  }

  /** `config.yaml:12:5: there is no setting "comms"`, a line each, by place. */
  lines(): readonly string[] {
    const order = ({ file }: Place) => this.#files.indexOf(file);
    return this.#found
      .toSorted(({ place: a }, { place: b }) =>
        order(a) - order(b) || a.line - b.line || a.column - b.column
      )
      .map(({ place, message }) => `${formatPlace(place)}: ${message}`);
  }

  /** A usage error with all of them, or the first hundred. */
  error(): AgentError {
    const lines = this.lines();
    const more = lines.length - MOST_TOLD;
    return usageError(
      more <= 0
        ? lines.join("\n")
        : [...lines.slice(0, MOST_TOLD), `... and ${more} more`].join("\n"),
    );
  }
}

/** `config.yaml:12:5`. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

const MOST_TOLD = 100;
