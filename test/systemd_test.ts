/** The service under a real systemd, as PID 1 of a machine of its own. @module */
import { deepEqual, equal, fail } from "node:assert/strict";
import { checkout } from "./harness/checkout.ts";
import { compiledAgent, hasStub } from "./harness/compiled.ts";
import { output, run } from "./harness/process.ts";
import { rootFilesystem } from "./systemd/rootfs.ts";

const FOLDER = `${checkout}/test/systemd`;

/** In CI it is not left out, but fails. */
const reason = Deno.env.get("CI") !== undefined
  ? undefined
  : Deno.uid() !== 0
  ? "needs root"
  : hasStub()
  ? undefined
  : "DENORT_BIN names no runtime stub";

Deno.test("scripts of the systemd machine pass shellcheck", async () => {
  const scripts = ["machine.sh", "init.sh", "scenario.sh"].map((name) => `${FOLDER}/${name}`);
  equal(await output(["shellcheck", ...scripts]), "");
});

Deno.test({
  name: `the service under systemd${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  ignore: reason !== undefined,
  fn: async (test) => {
    const shared = await Deno.makeTempDir({ prefix: "systemd-" });
    try {
      // Readable for the service's own user.
      await Deno.chmod(shared, 0o755);
      await Deno.copyFile(await compiledAgent(), `${shared}/ebpf-agent`);
      for (const script of [`${checkout}/install.sh`, `${FOLDER}/scenario.sh`]) {
        await Deno.copyFile(script, shared + script.slice(script.lastIndexOf("/")));
      }
      const machine = [`${FOLDER}/machine.sh`, await rootFilesystem(), shared];
      const { stderr } = await run(machine, { timeoutMs: 200_000 });
      const report = await readIfThere(`${shared}/report`);
      const results = readTap(report);
      for (const { name, ok, details } of results) {
        await test.step(name, () => {
          if (!ok) fail(`${name}:\n${details}`);
        });
      }
      const planned = /^1\.\.(\d+)$/m.exec(report)?.[1] ?? "none";
      const console = await readIfThere(`${shared}/console`);
      equal(`${results.length}`, planned, `it did not come to its end:\n${stderr}${console}`);
      equal(stderr, "");
    } finally {
      await Deno.remove(shared, { recursive: true });
    }
  },
});

Deno.test("readTap() reads results, and what belongs to each", () => {
  deepEqual(readTap("ok 1 - first\nnot ok 2 - second\n# because\n# of this\n1..2\n"), [
    { name: "first", ok: true, details: "" },
    { name: "second", ok: false, details: "because\nof this\n" },
  ]);
});

interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly details: string;
}

function readTap(text: string): readonly Result[] {
  const results = [...text.matchAll(/^(not )?ok \d+ - (.*)\n((?:# .*\n|#\n)*)/gm)];
  return results.map(([, not, name = "", details = ""]) => ({
    name,
    ok: not === undefined,
    details: details.replaceAll(/^# ?/gm, ""),
  }));
}

async function readIfThere(path: string): Promise<string> {
  return await Deno.readTextFile(path).catch(() => "");
}
