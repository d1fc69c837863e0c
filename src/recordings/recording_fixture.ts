/** Recordings on a disk, for tests. @module */
import { openLibc } from "../kernel/libc.ts";
import type { RecordView } from "../outputs/output.ts";
import {
  CLOCK,
  cloneRecord,
  execRecord,
  type FixtureRecord,
  openRecord,
  privilegeRecord,
} from "../outputs/record_fixture.ts";
import { NO_RULES, type RuleNames } from "../rules/rule_names.ts";
import { RecordingFiles, type RecordingTarget } from "./files.ts";
import { LAYOUT, VERSION } from "./format.ts";
import { readRecording, type Source } from "./reader.ts";
import { RecordingOutput } from "./writer.ts";

/** A folder that is removed with all that is in it. */
export class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "recording-" });

  file(name: string): string {
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

export const HEAD = {
  version: VERSION,
  layout: LAYOUT,
  agent: "1.2.3",
  kernel: "6.1.0",
  architecture: "x86_64",
} as const;

/** One of each kind of event. */
export const RECORDS: readonly FixtureRecord[] = [
  openRecord({ comm: "cat" }, { path: "shadow", resolved: "/etc/shadow" }),
  execRecord({ uid: 7 }, { executable: "/bin/l\xe9\u{1f600}", args: "ls\0-l\0" }),
  cloneRecord({ pid: 3 }, { pid: 4, tid: 5 }),
  privilegeRecord({ comm: "su" }, 1000, 0),
];

export interface OpenRecording extends AsyncDisposable {
  readonly output: RecordingOutput;
  accept(...records: readonly FixtureRecord[]): void;
}

/** Opens an output to files; disposing of it ends the recording. */
export function openRecording(
  target: Partial<RecordingTarget> & { readonly path: string },
  options: { readonly blockSize?: number; readonly ruleNames?: RuleNames } = {},
): OpenRecording {
  const libc = openLibc();
  const files = new RecordingFiles(libc, { maxSize: 2 ** 30, keep: 3, ...target });
  const output = new RecordingOutput({
    files,
    head: HEAD,
    clock: CLOCK,
    ruleNames: NO_RULES,
    ...options,
  });
  let ended = false;
  return {
    output,
    accept: (...records) => {
      for (const { view, at, size } of records) output.accept(view, at, size);
    },
    [Symbol.asyncDispose]: async () => {
      if (ended) return;
      ended = true;
      await output.close(10_000);
      files[Symbol.dispose]();
      libc[Symbol.dispose]();
    },
  };
}

/** A whole file in memory. */
export function sourceOf(bytes: Uint8Array, name = "test.rec"): Source {
  return { name, size: bytes.length, read: (at, size) => bytes.slice(at, at + size) };
}

/** Records these in a file, and returns what it holds then. */
export async function record(
  path: string,
  records: readonly FixtureRecord[],
  options: { readonly blockSize?: number } = {},
): Promise<Uint8Array> {
  {
    await using recording = openRecording({ path }, options);
    recording.accept(...records);
  }
  return Deno.readFileSync(path);
}

/** The records of a whole file, each as its bytes. */
export function recordsIn(bytes: Uint8Array): readonly Uint8Array[] {
  return [...readRecording(sourceOf(bytes))].map(bytesOf);
}

/** A record on its own. */
export function bytesOf(
  { view, at, size }: { readonly view: RecordView; readonly at: number; readonly size: number },
): Uint8Array {
  return view.bytes.slice(at, at + size);
}
