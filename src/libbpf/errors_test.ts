/** Errors made of codes and log lines. @module */
import assert from "node:assert/strict";
import { codeName, LIBBPF_ERRNO_START, LibbpfError, summarizeLog } from "./errors.ts";
import { runC } from "./testing.ts";

const REFUSED = [
  "libbpf: prog 'open_btf': BPF program load failed: Permission denied",
  "libbpf: prog 'open_btf': -- BEGIN PROG LOAD LOG --",
  "0: R1=ctx(off=0,imm=0) R10=fp0",
  "1: (61) r0 = *(u32 *)(r1 +0)",
  "R1 invalid mem access 'scalar'",
  "verification time 35 usec",
  "stack depth 0",
  "processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0",
  "-- END PROG LOAD LOG --",
  "libbpf: prog 'open_btf': failed to load: -13",
  "libbpf: failed to load object 'agent'",
];

const SUMMARIES: readonly [string, readonly string[], string | undefined][] = [
  ["nothing said", [], undefined],
  ["a refused program", REFUSED, "program \"open_btf\": R1 invalid mem access 'scalar'"],
  [
    "the end of a long log",
    REFUSED.slice(3),
    "program \"open_btf\": R1 invalid mem access 'scalar'",
  ],
  [
    "a program without a verifier log",
    REFUSED.filter((_, at) => at < 2 || at > 7),
    "prog 'open_btf': BPF program load failed: Permission denied",
  ],
  [
    "missing privileges",
    [
      "libbpf: Failed to bump RLIMIT_MEMLOCK (err = -1), you might need to do it explicitly!",
      "libbpf: Error in bpf_object__probe_loading():Operation not permitted(1).",
      "libbpf: failed to load object 'agent'",
    ],
    "Error in bpf_object__probe_loading():Operation not permitted(1).",
  ],
  [
    "a map",
    [
      "libbpf: map 'events': failed to create: Operation not permitted(-1)",
      "libbpf: failed to load object 'agent'",
    ],
    "map 'events': failed to create: Operation not permitted(-1)",
  ],
];

for (const [name, log, summary] of SUMMARIES) {
  Deno.test(`summarizeLog() of ${name}`, () => assert.equal(summarizeLog(log), summary));
}

Deno.test("LibbpfError says what could not be done and why in one line", () => {
  const error = new LibbpfError('load the BPF object "agent"', { code: 13, log: REFUSED });
  assert.equal(
    error.message,
    'Cannot load the BPF object "agent": EACCES ' +
      "(program \"open_btf\": R1 invalid mem access 'scalar')",
  );
  assert.deepEqual(error.log, REFUSED);
  const bare = new LibbpfError("close it", { code: 9, log: [] });
  assert.equal(bare.message, "Cannot close it: EBADF");
});

Deno.test("codeName() agrees with enum libbpf_errno", async () => {
  const names = ["LIBELF", "FORMAT", "KVERSION", "ENDIAN", "INTERNAL", "RELOC", "LOAD", "VERIFY"]
    .concat("PROG2BIG", "KVER", "PROGTYPE", "WRNGPID", "INVSEQ", "NLPARSE")
    .map((name) => `LIBBPF_ERRNO__${name}`);
  const prints = [...names, "__LIBBPF_ERRNO__END"].map((name) => `printf("%d ", ${name});`);
  const text = new TextDecoder().decode(await runC(["bpf/libbpf.h"], prints.join("\n")));
  const numbers = text.trim().split(" ").map(Number);
  assert.equal(numbers[0], LIBBPF_ERRNO_START);
  const end = numbers.at(-1) ?? 0;
  assert.deepEqual(numbers.map(codeName), [...names, `E${end}`]);
});
