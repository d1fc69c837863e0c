/** The generated layout against the host's C compiler, which lays out bpf/agent.h by itself. @module */
import assert from "node:assert/strict";
import { parseBtf } from "./btf.ts";
import { generateLayout } from "./gen_layout.ts";

const root = new URL("../", import.meta.url);
const object = Deno.readFileSync(new URL("bpf/agent.bpf.o", root));

const RECORDS = ["event_header", "exec_event", "clone_event", "open_event", "privilege_event"];
const VALUES = ["event_counters", "counters", "settings"];

/** What the C compiler says of each struct: `struct.member offset size`, a struct itself as `.`. */
async function askCompiler(members: readonly string[]): Promise<Map<string, string>> {
  const folder = await Deno.makeTempDir();
  try {
    const lines = members.map((member) => {
      const [struct, field] = member.split(".");
      return field === undefined
        ? `printf("${struct} 0 %zu\\n", sizeof(struct ${struct}));`
        : `printf("${member} %zu\\n", offsetof(struct ${struct}, ${field}));`;
    });
    await Deno.writeTextFile(
      `${folder}/ask.c`,
      `#include <linux/types.h>\n#include <stddef.h>\n#include <stdio.h>\n#include "agent.h"\n` +
        `int main(void) { ${lines.join("\n")} return 0; }\n`,
    );
    const include = new URL("bpf", root).pathname;
    await run("gcc", ["-I", include, "-o", `${folder}/ask`, `${folder}/ask.c`]);
    const answer = await run(`${folder}/ask`, []);
    return new Map(
      answer.trim().split("\n").map((line) => {
        const [name, ...numbers] = line.split(" ");
        return [name, numbers.join(" ")];
      }),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function run(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  assert.ok(success, `${command}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

Deno.test("parseBtf() gives the offsets and sizes that the C compiler gives", async () => {
  const { structs } = parseBtf(object);
  const expected = new Map<string, string>();
  for (const name of [...RECORDS, ...VALUES]) {
    const struct = structs.get(name);
    assert.ok(struct, name);
    expected.set(name, `0 ${struct.size}`);
    for (const { name: field, offset } of struct.members) {
      expected.set(`${name}.${field}`, `${offset}`);
    }
  }
  assert.ok(expected.size > 50);
  assert.deepEqual(await askCompiler([...expected.keys()]), expected);
});

Deno.test("parseBtf() finds the records free of padding, so that none carries what it should not", () => {
  const { structs } = parseBtf(object);
  for (const name of RECORDS) {
    let end = 0;
    for (const { name: field, offset, size } of structs.get(name)?.members ?? []) {
      assert.equal(offset, end, `${name}.${field}`);
      end = offset + size;
    }
    assert.equal(structs.get(name)?.size, end, name);
  }
});

Deno.test("generateLayout() gives the committed file", async () => {
  const committed = await Deno.readTextFile(new URL("src/events/layout.gen.ts", root));
  assert.equal(committed, generateLayout(object));
});

Deno.test("generateLayout() gives the same for arm64", () => {
  const arm64 = Deno.readFileSync(new URL("bpf/agent.arm64.bpf.o", root));
  assert.notDeepEqual(arm64, object);
  assert.equal(generateLayout(arm64), generateLayout(object));
});

Deno.test("generateLayout() refuses an object without type information", () => {
  const damaged = object.slice();
  const name = new TextEncoder().encode(".BTF\0");
  const at = damaged.findIndex((_, i) => name.every((byte, j) => damaged[i + j] === byte));
  damaged[at + 1] = "X".charCodeAt(0);
  assert.throws(() => generateLayout(damaged), /no section \.BTF/);
});
