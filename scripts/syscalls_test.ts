/** The BPF side's system call numbers against the kernel's headers, as far as they are installed. @module */
import assert from "node:assert/strict";

const root = new URL("../", import.meta.url);

/** Of the 32-bit calls of arm there is no header where the tests run. */
const TABLES: readonly (readonly [target: string, decode: string, headers: readonly string[]])[] = [
  ["x86", "call_64bit", ["unistd_64.h", "unistd_x32.h"].map(x86Header)],
  ["x86", "call_32bit", ["unistd_32.h"].map(x86Header)],
  ["arm64", "call_64bit", ["asm-generic/unistd.h"]],
];

const CALLS: Readonly<Record<string, readonly string[]>> = {
  CALL_OPEN: ["open"],
  CALL_CREAT: ["creat"],
  CALL_OPENAT: ["openat"],
  CALL_OPENAT2: ["openat2"],
  CALL_OPEN_BY_HANDLE: ["open_by_handle_at"],
  CALL_EXECVE: ["execve"],
  CALL_EXECVEAT: ["execveat"],
  CALL_SETUID: ["setuid", "setreuid", "setresuid", "setuid32", "setreuid32", "setresuid32"],
};

/** What bpf/syscalls.h needs of the BPF headers, for the host. */
const STUBS = `
  #include <stdbool.h>
  #include <stdio.h>
  typedef unsigned u32;
  typedef unsigned long long u64;
  struct pt_regs;
  struct task_struct;
  enum { BPF_ANY };
  #define SEC(name)
  #define __uint(name, value) int name
  #define __type(name, value) int name##_type
  #define READ(...) 0
  #define CURRENT(...) 0
  #define bpf_get_current_task() 0
  #define bpf_get_current_pid_tgid() 0
  #define bpf_map_update_elem(...) ((void)0)
  #define bpf_map_lookup_elem(...) ((void *)0)
  #define bpf_map_delete_elem(...) ((void)0)
`;

for (const [target, decode, headers] of TABLES) {
  Deno.test(`${decode}() for ${target} knows the numbers of ${headers.join(" and ")}`, async () => {
    const expected = headers.flatMap((header) => callsIn(`/usr/include/${header}`));
    assert.ok(expected.length >= 7, expected.join(", "));
    assert.deepEqual(await decoded(target, decode), [...new Set(expected)].sort());
  });
}

/** The calls that a header gives numbers to, as "CALL_OPEN 2". */
function callsIn(header: string): readonly string[] {
  const defines = Deno.readTextFileSync(header).matchAll(
    /^#define __NR_(\w+)\s+(?:\(__X32_SYSCALL_BIT \+ )?(\d+)/gm,
  );
  const numbers = new Map([...defines].map(([, name, number]) => [name, number]));
  return Object.entries(CALLS).flatMap(([call, names]) =>
    names.filter((name) => numbers.has(name)).map((name) => `${call} ${numbers.get(name)}`)
  );
}

/** All numbers that the BPF side takes for one of the calls. */
async function decoded(target: string, decode: string): Promise<readonly string[]> {
  const names = Object.keys(CALLS).map((call) => `[${call}] = "${call}"`);
  const source = `${STUBS}
    #include "syscalls.h"
    static const char *const names[] = { ${names.join(", ")} };
    int main(void) {
      for (u32 number = 0; number < 0x10000; number++)
        if (${decode}(number) != CALL_OTHER) printf("%s %u\\n", names[${decode}(number)], number);
    }`;
  const folder = await Deno.makeTempDir({ prefix: "syscalls-" });
  try {
    await Deno.writeTextFile(`${folder}/ask.c`, source);
    const options = [`-D__TARGET_ARCH_${target}`, "-I", new URL("bpf", root).pathname];
    await run("gcc", [...options, "-o", `${folder}/ask`, `${folder}/ask.c`]);
    return (await run(`${folder}/ask`, [])).trim().split("\n").sort();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function x86Header(name: string): string {
  return `x86_64-linux-gnu/asm/${name}`;
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, `${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
