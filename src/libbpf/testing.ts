/** What the tests ask of the C compiler and the kernel: BPF objects, answers of C programs, mappings. @module */

/** A function as a header declares it, its types without typedefs and qualifiers. */
export interface CFunction {
  readonly parameters: readonly string[];
  readonly result: string;
}

/** Compiles a BPF object from C with libbpf's helpers at hand. */
export function compileBpf(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const flags = ["-target", "bpf", "-O2", "-g", "-Wall", "-Werror", "-I", multiarchIncludes()];
  return run("clang", [...flags, "-x", "c", "-c", "-", "-o", "-"], BPF_PRELUDE + source);
}

/** Compiles and runs a C program whose `main` has the given body, and returns what it prints. */
export async function runC(headers: readonly string[], body: string): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir({ prefix: "ebpf-agent-test-" });
  try {
    const source = `${includes(["stdio.h", "stddef.h", ...headers])}\nint main(void) {${body}}`;
    await run("cc", ["-x", "c", "-", "-o", `${folder}/program`], source);
    return await run(`${folder}/program`, [], "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Compiles a shared library from C, to be there until it is disposed. */
export async function buildLibrary(
  source: string,
): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await Deno.makeTempDir({ prefix: "ebpf-agent-test-" });
  const path = `${folder}/library.so`;
  await run("cc", ["-x", "c", "-shared", "-fPIC", "-", "-o", path], source);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** Offsets of members, in the order given, told by the C compiler. */
export async function offsetsInC(
  header: string,
  structure: string,
  members: readonly string[],
): Promise<readonly number[]> {
  const prints = members.map((name) => `printf("%zu ", offsetof(${structure}, ${name}));`);
  const text = new TextDecoder().decode(await runC([header], prints.join("\n")));
  return text.trim().split(" ").map(Number);
}

/** All functions that the headers declare, GNU's own among them, as clang understands them. */
export async function functionsOf(headers: readonly string[]): Promise<Map<string, CFunction>> {
  const flags = ["-x", "c", "-D_GNU_SOURCE", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-"];
  const json = new TextDecoder().decode(await run("clang", flags, includes(headers)));
  const nodes: readonly AstNode[] = JSON.parse(json).inner;
  const typedefs = new Map<string, string>();
  const functions = new Map<string, CFunction>();
  for (const { kind, name, type, inner = [] } of nodes) {
    if (name === undefined || type === undefined) continue;
    if (kind === "TypedefDecl") typedefs.set(name, type.desugaredQualType ?? type.qualType);
    if (kind !== "FunctionDecl") continue;
    const parameters = inner.filter((node) => node.kind === "ParmVarDecl");
    const result = unqualified(type.qualType.slice(0, type.qualType.indexOf("(")));
    functions.set(name, {
      parameters: parameters.map(({ type }) =>
        unqualified(type?.desugaredQualType ?? type?.qualType ?? "")
      ),
      result: unqualified(typedefs.get(result) ?? result),
    });
  }
  return functions;
}

/** What differs between a symbol table and the declarations, a line for each difference. */
export function differences(
  table: Readonly<Record<string, Deno.ForeignFunction & { readonly name?: string }>>,
  functions: ReadonlyMap<string, CFunction>,
): readonly string[] {
  return Object.entries(table).flatMap(([key, { name = key, parameters, result }]) => {
    const declared = functions.get(name);
    if (declared === undefined) return [`${name}: not declared`];
    const ours = [...parameters, result];
    const theirs = [...declared.parameters, declared.result];
    if (ours.length !== theirs.length) return [`${name}: ${theirs.length - 1} parameters in C`];
    return ours.flatMap((type, at) => {
      const c = theirs[at] ?? "";
      if (nativeTypes(c).includes(type)) return [];
      return [`${name}: ${at < parameters.length ? `parameter ${at + 1}` : "result"} is ${c}`];
    });
  });
}

/** Sizes of the perf rings that this process maps. */
export async function perfMappings(): Promise<readonly number[]> {
  const maps = await Deno.readTextFile("/proc/self/maps");
  return Array.from(
    maps.matchAll(/^(\w+)-(\w+) .*anon_inode:\[perf_event\]$/gm),
    ([, from, to]) => Number(`0x${to}`) - Number(`0x${from}`),
  );
}

interface AstNode {
  readonly kind: string;
  readonly name?: string;
  readonly type?: { readonly qualType: string; readonly desugaredQualType?: string };
  readonly inner?: readonly AstNode[];
}

const BPF_PRELUDE = `
  #include <linux/bpf.h>
  #include <bpf/bpf_helpers.h>
  char LICENSE[] SEC("license") = "GPL";
`;

/** The FFI types that a C type may have; those of LP64 machines. */
function nativeTypes(c: string): readonly Deno.NativeResultType[] {
  if (c.includes("(*)")) return ["function", "pointer"];
  if (c.endsWith("*")) return ["pointer", "buffer"];
  // The values of an enum that libbpf and libc take are none of them negative.
  if (c.startsWith("enum ")) return ["u32", "i32"];
  return NATIVE_TYPES[c] ?? [];
}

const NATIVE_TYPES: Readonly<Record<string, readonly Deno.NativeResultType[]>> = {
  "void": ["void"],
  "bool": ["bool"],
  "_Bool": ["bool"],
  "int": ["i32"],
  "unsigned int": ["u32"],
  "long": ["isize", "i64"],
  "unsigned long": ["usize", "u64"],
  "unsigned long long": ["u64"],
};

function unqualified(type: string): string {
  return type.replace(/\b(?:const|volatile|restrict)\b/g, "").replace(/\s+/g, " ").trim();
}

function includes(headers: readonly string[]): string {
  return headers.map((header) => `#include <${header}>`).join("\n");
}

/** Where Debian keeps asm/types.h, which clang looks for only where it compiles for the host. */
function multiarchIncludes(): string {
  return `/usr/include/${Deno.build.arch}-linux-gnu`;
}

async function run(
  command: string,
  args: readonly string[],
  input: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const written = writer.write(new TextEncoder().encode(input)).then(() => writer.close());
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), written]);
  if (success) return stdout;
  throw new Error(`Cannot run ${command}: ${new TextDecoder().decode(stderr)}`);
}
