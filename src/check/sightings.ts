/** An output that keeps the events made by the proving program and forgets all others. @module */
import type { OutputCounters } from "../counters/reading.ts";
import { EVENT_KINDS, perKind } from "../events/kinds.ts";
import { EventHeader, ExecEvent, OpenEvent } from "../events/layout.gen.ts";
import type { Output, RecordView } from "../outputs/output.ts";
import {
  argsEnd,
  argsStart,
  commEnd,
  commStart,
  eventStart,
  textEnd,
  word,
} from "../events/record.ts";
import type { Sighting } from "./deeds.ts";

export class Sightings implements Output {
  readonly name = "check";
  readonly closed = false;
  readonly writing = false;
  readonly busy = false;
  readonly #prefix: string;
  readonly #list: Sighting[] = [];
  readonly #accepted = new Float64Array(EVENT_KINDS.length);

  /** Keeps events of tasks whose names begin with this. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  get list(): readonly Sighting[] {
    return this.#list;
  }

  accept(view: RecordView, start: number): void {
    const at = eventStart(view, start);
    this.#accepted[word(view, at, EventHeader.kind)]++;
    const sighting = decode(view, at);
    if (sighting.name.startsWith(this.#prefix)) this.#list.push(sighting);
  }

  flush(): void {}

  counters(): OutputCounters {
    const none = perKind(() => 0);
    const emitted = perKind((_, kind) => this.#accepted[kind]);
    return { name: this.name, emitted, dropped: none, queued: none };
  }

  idle(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** What an event says that its deed can be known by. */
function decode(view: RecordView, at: number): Sighting {
  const event = EVENT_KINDS[word(view, at, EventHeader.kind)];
  const comm = text(view, commStart(at), commEnd(view.bytes, commStart(at)));
  switch (event) {
    case "open":
      return { event, name: comm, errno: errnoOf(word(view, at, OpenEvent.result)) };
    case "exec": {
      const errno = errnoOf(word(view, at, ExecEvent.error));
      return { event, name: errno === 0 ? firstArgument(view, at) : comm, errno };
    }
    default:
      return { event, name: comm, errno: 0 };
  }
}

/** The name that a program was given; its task's is the file's by then. */
function firstArgument(view: RecordView, at: number): string {
  const start = argsStart(view, at);
  return text(view, start, textEnd(view.bytes, start, argsEnd(view, at)));
}

function text(view: RecordView, start: number, end: number): string {
  return DECODER.decode(view.bytes.subarray(start, end));
}

/** Of a result as the kernel returns it: an errno is negative. */
function errnoOf(result: number): number {
  return Math.max(0, -(result | 0));
}

const DECODER = new TextDecoder();
