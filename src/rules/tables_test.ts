/** Rules that cannot be put in place, in the kernel: those before stay. Needs root. @module */
import assert from "node:assert/strict";
import { RuleCommKey, Settings, Shared } from "../events/layout.gen.ts";
import { mapInMemory } from "../libbpf/mapped_map.ts";
import { type BpfObject, openObject } from "../libbpf/object.ts";
import { openLibbpf } from "../libbpf/library.ts";
import { createLog } from "../log.ts";
import { readImage } from "../probes/image.ts";
import { randomHashKey } from "./hash.ts";
import type { Rule } from "./rule.ts";
import { ruleOf } from "./rule_fixture.ts";
import { RuleSets } from "./rule_sets.ts";
import { RuleTables } from "./tables.ts";
import { IDENTIFY_PROGRAM } from "./watch.ts";

/** So many paths have room, and twice as many names have not. */
const PATHS = 300;

Deno.test("tick() goes on with the files it knows where they become too many, and says so once", async () => {
  const folder = await Deno.makeTempDir({ prefix: "rules-" });
  const paths = Array.from({ length: PATHS }, (_, n) => `${folder}/${n}`);
  try {
    for (const path of paths) await Deno.writeTextFile(path, "");
    using opened = open([aboutPaths(paths)]);
    const { tables, lines } = opened;
    for (const path of paths) {
      await Deno.writeTextFile(`${path}.new`, "");
      await Deno.remove(path);
      await Deno.symlink(`${path}.new`, path);
    }
    tables.tick();
    tables.tick();
    assert.equal(lines.length, 1, lines.join("\n"));
    assert.match(lines[0] ?? "", /^<4>Cannot follow changes.*lead to 601 files, and 512 can be/);
    assert.deepEqual(tables.read(NONE_CONFIRMED).map(({ name }) => name), ["paths"]);
    for (const path of paths) await Deno.rename(`${path}.new`, path);
    tables.tick();
    assert.match(lines[1] ?? "", /^<6>Changes.*are followed again/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("replace() leaves the rules before in use where the kernel refuses the change", () => {
  using opened = open([ruleOf("before")]);
  const { tables, slot, barrier } = opened;
  const names = () => tables.read(NONE_CONFIRMED).map(({ name }) => name);
  const inUse = slot();
  barrier.refuses = true;
  assert.throws(() => tables.replace([ruleOf("after")]), /ENOMEM/);
  assert.deepEqual([slot(), names()], [inUse, ["before"]]);
  barrier.refuses = false;
  tables.replace([ruleOf("after")]);
  assert.deepEqual([slot(), names()], [1 - inUse, ["after"]]);
});

Deno.test("replace() waits until nobody can be using the rules before, and only then takes them away", () => {
  using opened = open([aboutProgram("before")]);
  const { tables, slot, barrier, programs } = opened;
  const before = slot();
  const met: unknown[] = [];
  barrier.onChange = () => met.push([slot(), programs()]);
  tables.replace([aboutProgram("after")]);
  assert.deepEqual(met, [[1 - before, ["after", "before"]]]);
  assert.deepEqual(programs(), ["after"]);
});

const NONE_CONFIRMED = new Map();

function aboutProgram(comm: string): Rule {
  return ruleOf(comm, { conditions: [{ field: "comm", negated: false, values: [comm] }] });
}

function aboutPaths(paths: readonly string[]): Rule {
  const values = paths.map((text) => ({ match: "exact", text }) as const);
  return ruleOf("paths", { on: ["open"], conditions: [{ field: "path", negated: false, values }] });
}

/** Rules in tables of their own, to which nothing is attached. */
function open(rules: readonly Rule[]) {
  using stack = new DisposableStack();
  const libbpf = stack.use(openLibbpf());
  const object = stack.use(openObject(libbpf, readImage(false), "ebpf_agent"));
  for (const name of object.programs()) object.setAutoload(name, name === IDENTIFY_PROGRAM);
  object.leaveOut("ring");
  const hashKey = randomHashKey();
  const settings = new BigUint64Array(Settings.byteSize / 8);
  settings[Settings.hashSeed / 8] = hashKey.seed;
  settings[Settings.hashFactor / 8] = hashKey.factor;
  object.setInitialValue(".rodata", new Uint8Array(settings.buffer));
  object.load();
  const barrier: Barrier = { refuses: false };
  const lines: string[] = [];
  const tables = stack.use(
    new RuleTables({
      libc: libbpf.libc,
      object: withBarrier(object, barrier),
      hashKey,
      sets: new RuleSets(),
      rules,
      log: createLog({ level: "info", format: "journal", write: (line) => lines.push(line) }),
    }),
  );
  const shared = stack.use(mapInMemory(libbpf.libc, object.map(".bss")));
  const words = new Uint32Array(shared.bytes.buffer);
  const owned = stack.move();
  return {
    tables,
    lines,
    barrier,
    /** The names that stand in the table of programs, of both slots. */
    programs: () => object.map("rule_comms").keys().map(commOf).toSorted(),
    /** The one in use. */
    slot: () => words[Shared.slot / 4] ?? NaN,
    [Symbol.dispose]: () => owned.dispose(),
  };
}

function commOf(key: Uint8Array): string {
  return new TextDecoder().decode(key.subarray(RuleCommKey.comm)).replace(/\0.*/s, "");
}

/** What happens where the rules in use change. */
interface Barrier {
  refuses: boolean;
  onChange?: () => void;
}

/** The object, but that its barrier may be refused, and is heard of. */
function withBarrier(object: BpfObject, barrier: Barrier): BpfObject {
  const barriers = object.map("barriers");
  const update = barriers.update.bind(barriers);
  barriers.update = (key, value) => {
    if (barrier.refuses) throw object.map("barriers").libbpf.failure("change over", -12);
    barrier.onChange?.();
    update(key, value);
  };
  return new Proxy(object, {
    get: (target, name) => {
      if (name === "map") return (map: string) => map === "barriers" ? barriers : target.map(map);
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
