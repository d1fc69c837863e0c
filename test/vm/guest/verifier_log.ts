/** Loads programs of a BPF object, and reads how many instructions the kernel verified for each. @module */
import { Settings } from "../../../src/events/layout.gen.ts";
import { cString } from "../../../src/kernel/libc.ts";
import { LIBBPF_SYMBOLS } from "../../../src/libbpf/symbols.ts";
import type { ProbeProgram } from "../../../src/probes/catalogue.ts";

/** What the kernel said to a program: how many instructions it verified, or why it refused it. */
export type Verdict =
  | { readonly program: string; readonly instructions: number }
  | { readonly program: string; readonly refused: string };

/**
 * Loads the programs with everything switched on that settings can switch, which costs the most. All
 * at once, for each load takes the time to read the kernel's types; one by one where one is refused.
 */
export function verify(image: Uint8Array, programs: readonly ProbeProgram[]): readonly Verdict[] {
  const library = Deno.dlopen("libbpf.so.1", SYMBOLS);
  try {
    // What libbpf would print is in the programs' own logs.
    library.symbols.libbpf_set_print(null);
    const load = (some: readonly ProbeProgram[], level: number) =>
      attempt(library.symbols, { image, programs: some, level });
    const together = load(programs, LOG_STATISTICS);
    if (together.loaded) return programs.map((program) => verdictOn(program, together.logs));
    return programs.map((program) => {
      const alone = load([program], LOG_STATISTICS);
      if (alone.loaded) return verdictOn(program, alone.logs);
      const { logs, error } = load([program], LOG_STATISTICS | LOG_STEPS);
      const why = (logs.get(program.name) ?? "").trimEnd().slice(-REASON_SIZE);
      return { program: program.name, refused: `error ${error}: ${why}` };
    });
  } finally {
    library.close();
  }
}

type Symbols = Deno.StaticForeignLibraryInterface<typeof SYMBOLS>;

const pointer = LIBBPF_SYMBOLS.bpf_object__find_program_by_name.result;
const SYMBOLS = {
  ...LIBBPF_SYMBOLS,
  bpf_program__set_log_level: { parameters: [pointer, "u32"], result: "i32" },
  bpf_program__set_log_buf: { parameters: [pointer, "buffer", "usize"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** Of the kernel's linux/bpf_verifier.h. */
const LOG_STEPS = 1;
const LOG_STATISTICS = 4;
const REASON_SIZE = 1500;
/** The most that every kernel takes. */
const STEPS_SIZE = 16 * 1024 * 1024 - 1;
const STATISTICS_SIZE = 1024 * 1024;

interface Load {
  readonly image: Uint8Array;
  readonly programs: readonly ProbeProgram[];
  readonly level: number;
}

interface Loaded {
  readonly loaded: boolean;
  readonly error: number;
  readonly logs: ReadonlyMap<string, string>;
}

function attempt(symbols: Symbols, { image, programs, level }: Load): Loaded {
  // As much as the options' first member, their size, and nothing asked for.
  const options = new Uint8Array(new BigUint64Array([8n]).buffer);
  const object = symbols.bpf_object__open_mem(image, BigInt(image.byteLength), options);
  if (object === null) throw new Error("Cannot open the BPF object: it is damaged");
  try {
    const wanted = new Map(programs.map((program) => [program.name, program]));
    const size = level & LOG_STEPS ? STEPS_SIZE : STATISTICS_SIZE;
    const buffers = new Map<string, Uint8Array>();
    for (let one = next(null); one !== null; one = next(one)) {
      const name = text(symbols.bpf_program__name(one));
      const program = wanted.get(name);
      check(symbols.bpf_program__set_autoload(one, program !== undefined), name);
      if (program === undefined) continue;
      const [target] = program.by === "function" ? program.at : [];
      if (target !== undefined) {
        check(symbols.bpf_program__set_attach_target(one, 0, cString(target)), name);
      }
      const buffer = new Uint8Array(size);
      buffers.set(name, buffer);
      check(symbols.bpf_program__set_log_level(one, level), name);
      check(symbols.bpf_program__set_log_buf(one, buffer, BigInt(size)), name);
    }
    switchEverythingOn(symbols, object);
    const error = symbols.bpf_object__load(object);
    const logs = [...buffers].map(([name, buffer]) => [name, textOf(buffer)] as const);
    return { loaded: error === 0, error, logs: new Map(logs) };
  } finally {
    symbols.bpf_object__close(object);
  }

  function next(program: ReturnType<Symbols["bpf_object__next_program"]>) {
    return object && symbols.bpf_object__next_program(object, program);
  }
}

/** With the perf buffer as transport: a ring buffer would need a size, and its calls cost less. */
function switchEverythingOn(
  symbols: Symbols,
  object: NonNullable<ReturnType<Symbols["bpf_object__open_mem"]>>,
) {
  const find = (name: string) => symbols.bpf_object__find_map_by_name(object, cString(name));
  const rodata = find(".rodata");
  const ring = find("ring");
  if (rodata === null || ring === null) throw new Error("Cannot find the object's maps");
  const settings = new Uint8Array(Settings.byteSize).fill(0xff);
  check(symbols.bpf_map__set_initial_value(rodata, settings, BigInt(settings.length)), ".rodata");
  check(symbols.bpf_map__set_autocreate(ring, false), "ring");
}

function verdictOn({ name }: ProbeProgram, logs: ReadonlyMap<string, string>): Verdict {
  const [, instructions] = /processed (\d+) insns/.exec(logs.get(name) ?? "") ?? [];
  if (instructions === undefined) {
    throw new Error(`Cannot read the log of ${name}: ${logs.get(name)}`);
  }
  return { program: name, instructions: Number(instructions) };
}

function check(result: number, what: string): void {
  if (result < 0) throw new Error(`Cannot prepare ${what}: libbpf answers ${result}`);
}

function text(pointer: Deno.PointerObject | null): string {
  // SAFETY: names belong to the object, which is open.
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

function textOf(buffer: Uint8Array): string {
  return new TextDecoder().decode(buffer.subarray(0, buffer.indexOf(0)));
}
