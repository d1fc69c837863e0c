/** A small BPF object for the tests, and calls that its programs see. @module */
import { type BpfObject, openObject } from "./object.ts";
import type { Libbpf } from "./library.ts";
import { compileBpf } from "./testing.ts";

/** Programs that can be left out of the object. */
export const PROGRAMS = [
  "count_raw",
  "count_btf",
  "count_classic",
  "add",
  "share",
  "send",
] as const;

/** Calls that the counting programs count: geteuid of this process, which Deno never makes. */
export function makeCountedCalls(times: number): void {
  const libc = Deno.dlopen("libc.so.6", { geteuid: { parameters: [], result: "u32" } });
  for (let time = 0; time < times; time++) libc.symbols.geteuid();
  libc.close();
}

/** The object with these programs in the kernel, told which calls to count. */
export async function loadTestObject(
  libbpf: Libbpf,
  ...programs: readonly (typeof PROGRAMS)[number][]
): Promise<BpfObject> {
  using stack = new DisposableStack();
  const object = stack.use(openObject(libbpf, await testImage(), "test"));
  for (const name of PROGRAMS) object.setAutoload(name, programs.includes(name));
  object.setInitialValue(".rodata", countedCalls());
  object.load();
  stack.move();
  return object;
}

/** Compiled once for all tests of a file. */
export function testImage(): Promise<Uint8Array<ArrayBuffer>> {
  image ??= compileBpf(SOURCE);
  return image;
}

/** What the object's `.rodata` is to hold. */
export function countedCalls(): Uint8Array<ArrayBuffer> {
  const geteuid = Deno.build.arch === "x86_64" ? 107 : 175;
  return new Uint8Array(new Uint32Array([Deno.pid, geteuid]).buffer);
}

let image: Promise<Uint8Array<ArrayBuffer>> | undefined;

const SOURCE = `
struct { __u32 pid, call; } const volatile counted_calls SEC(".rodata") = { 1, 2 };

__u64 shared[2] = {};

struct triple { __u32 a, b, c; };
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 2);
  __type(key, __u32);
  __type(value, __u64[2]);
} counts SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(max_entries, 4);
  __type(key, __u32);
  __type(value, struct triple);
} triples SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 4);
  __type(key, __u64);
  __type(value, struct triple);
} table SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, 4);
  __uint(value_size, 4);
} events SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
  __uint(key_size, 4);
  __uint(value_size, 4);
} doorbell SEC(".maps");

static __always_inline int count(__u32 call)
{
  __u32 key = 1;
  __u64 *values;
  if (bpf_get_current_pid_tgid() >> 32 != counted_calls.pid || call != counted_calls.call)
    return 0;
  values = bpf_map_lookup_elem(&counts, &key);
  if (values) {
    __sync_fetch_and_add(&values[0], 1);
    __sync_fetch_and_add(&values[1], 10);
  }
  return 0;
}

SEC("raw_tp/sys_enter") int count_raw(__u64 *ctx) { return count(ctx[1]); }
SEC("tp_btf/sys_enter") int count_btf(__u64 *ctx) { return count(ctx[1]); }
SEC("tracepoint") int count_classic(void *ctx) { return count(counted_calls.call); }
SEC("raw_tp") int add(__u64 *ctx) { return ctx[0] + ctx[1]; }
SEC("raw_tp") int share(__u64 *ctx) { shared[1] = shared[0] + ctx[0]; return 0; }

SEC("raw_tp") int send(__u64 *ctx)
{
  __u32 record[3] = { 0xfeed, ctx[0], ctx[1] };
  bpf_perf_event_output(ctx, &doorbell, BPF_F_CURRENT_CPU, record, sizeof(record));
  return bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, record, sizeof(record));
}
`;
