/** Opening libbpf, and what is said where that cannot be. @module */
import assert from "node:assert/strict";
import { AgentError } from "../errors.ts";
import { LibbpfError } from "./errors.ts";
import { type Libbpf, openLibbpf } from "./library.ts";
import { buildLibrary, runC } from "./testing.ts";

const INSTALL = "Install libbpf 1.0 or later: libbpf1 on Debian, Ubuntu and openSUSE, " +
  "libbpf on Fedora, Arch and Alpine";

Deno.test("openLibbpf() tells the version and the CPUs that there may be", async () => {
  using libbpf = openLibbpf();
  const version = await runC(
    ["bpf/libbpf_version.h"],
    `printf("%d.%d", LIBBPF_MAJOR_VERSION, LIBBPF_MINOR_VERSION);`,
  );
  assert.equal(libbpf.version, new TextDecoder().decode(version));
  const possible = await Deno.readTextFile("/sys/devices/system/cpu/possible");
  assert.equal(libbpf.possibleCpus, 1 + Number(/\d+$/.exec(possible.trim())?.[0]));
});

Deno.test("openLibbpf() names the package where the library is not there", () => {
  assert.throws(
    () => openLibbpf("libbpf.so.999"),
    unsupported(
      "Cannot open libbpf: libbpf.so.999: cannot open shared object file: " +
        `No such file or directory. ${INSTALL}`,
    ),
  );
});

Deno.test("openLibbpf() refuses a libbpf older than 1.0", async () => {
  await using old = await buildLibrary(`
    unsigned libbpf_major_version(void) { return 0; }
    unsigned libbpf_minor_version(void) { return 8; }
  `);
  assert.throws(
    () => openLibbpf(old.path),
    unsupported(`Cannot use ${old.path}: its version is 0.8. ${INSTALL}`),
  );
});

Deno.test("openLibbpf() names the function that a libbpf lacks", async () => {
  await using broken = await buildLibrary(`
    unsigned libbpf_major_version(void) { return 1; }
    unsigned libbpf_minor_version(void) { return 0; }
  `);
  assert.throws(
    () => openLibbpf(broken.path),
    (error) =>
      error instanceof AgentError &&
      /undefined symbol: (?:lib)?(?:bpf|perf)_\w+\. Install/.test(error.message),
  );
});

Deno.test("attempt() throws what libbpf said meanwhile, and nothing from before", () => {
  using libbpf = openLibbpf();
  assert.throws(() => openGarbage(libbpf, "first"), /ELF object\)$/);
  assert.throws(() => libbpf.attempt("try", () => -1), (error) => {
    assert.ok(error instanceof LibbpfError);
    assert.deepEqual([error.code, error.log], ["EPERM", []]);
    return true;
  });
});

Deno.test("failure() puts libbpf's own codes into words", () => {
  using libbpf = openLibbpf();
  const { code, message } = libbpf.failure("load it", -4007);
  assert.equal(code, "LIBBPF_ERRNO__VERIFY");
  assert.equal(
    message,
    "Cannot load it: LIBBPF_ERRNO__VERIFY (Kernel verifier blocks program loading)",
  );
});

Deno.test("openLibbpf() can be open twice, each with its own log", () => {
  using first = openLibbpf();
  {
    using second = openLibbpf();
    assert.throws(() => openGarbage(second, "second"), /ELF object/);
  }
  // Outside `attempt` nobody listens, least of all the one that is closed.
  assert.equal(first.symbols.bpf_object__open_mem(new Uint8Array(9), 9n, null), null);
  assert.throws(() => openGarbage(first, "first"), /ELF object/);
});

Deno.test("libbpf prints nothing of its own on stderr", async () => {
  const script = `
    const { openLibbpf } = await import(${JSON.stringify(import.meta.resolve("./library.ts"))});
    using libbpf = openLibbpf();
    const open = (symbols) => symbols.bpf_object__open_mem(new Uint8Array(9), 9n, null);
    open(libbpf.symbols);
    try {
      libbpf.attemptPointer("open", open);
    } catch {}
    open(libbpf.symbols);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--no-config", script],
    env: { NO_COLOR: "1" },
  });
  const { success, stderr } = await child.output();
  assert.deepEqual([success, new TextDecoder().decode(stderr)], [true, ""]);
});

function openGarbage(libbpf: Libbpf, operation: string): void {
  const garbage = new Uint8Array(100).fill(7);
  libbpf.attemptPointer(operation, (symbols) => symbols.bpf_object__open_mem(garbage, 100n, null));
}

function unsupported(message: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AgentError);
    assert.deepEqual([error.message, error.exitCode], [message, 3]);
    return true;
  };
}
