/** When the BPF programs wake the reader. On the real kernel; needs root. @module */
import assert from "node:assert/strict";
import { parseCommandLine } from "../cli/flags.ts";
import { loadConfig } from "../config.ts";
import { EpollSet } from "../kernel/epoll.ts";
import { readFeatures } from "../kernel/features.ts";
import { openLibbpf } from "../libbpf/library.ts";
import { mapInMemory } from "../libbpf/mapped_map.ts";
import { createLog } from "../log.ts";
import { RuleSets } from "../rules/rule_sets.ts";
import { Shared } from "../events/layout.gen.ts";
import { openProbes } from "./probes.ts";

const LONG_MS = 10_000;

/** Whether it happens before it will not come any more. */
async function happens(event: Promise<void>): Promise<boolean> {
  const { promise: never, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), LONG_MS);
  try {
    return await Promise.race([event.then(() => true), never]);
  } finally {
    clearTimeout(timer);
  }
}

/** Probes for the opens of a child that runs until it is disposed; none of them is taken out. */
function watchOpens(transport: string) {
  using stack = new DisposableStack();
  const child = new Deno.Command("bash", { stdin: "piped", stdout: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  const reader = child.stdout.getReader();
  const invocation = parseCommandLine([`--transport=${transport}`, `--filter.pid=${child.pid}`]);
  if (invocation.command !== "run") throw new Error("Cannot make a configuration");
  const config = loadConfig(invocation.flags, {}, {});
  const libbpf = stack.use(openLibbpf());
  using features = readFeatures(libbpf.libc);
  const probes = stack.use(openProbes(libbpf, {
    features,
    config: { ...config, events: ["open"] },
    ringPages: 8,
    log: createLog({ level: "error", format: "text", write: () => {} }),
    ruleSets: new RuleSets(),
  }));
  const shared = stack.use(mapInMemory(libbpf.libc, probes.object.map(".bss")));
  const words = new Uint32Array(shared.bytes.buffer);
  const bells = new EpollSet(libbpf.libc, probes.rings.doorbellFd);
  const owned = stack.move();
  return {
    /** What {@link Doorbell.listen} does. */
    listen: () => words[Shared.awaited / 4]++,
    /** Has the child open a file once. */
    open: async () => {
      await writer.write(new TextEncoder().encode(": </dev/null; echo\n"));
      await reader.read();
    },
    /** Whether it was rung since the last time. */
    rung: () => {
      const was = bells.sleep(0);
      probes.rings.clearDoorbell();
      return was;
    },
    isAwaited: () => words[Shared.awaited / 4] !== words[Shared.rung / 4],
    /** Resolves when it was rung; another thread waits. */
    wait: () => bells.wait(),
    hasRecords: () => probes.rings.events.some((ring) => ring.fill() > 0),
    takeAll: () => {
      for (const ring of probes.rings.events) {
        for (ring.open(); ring.time !== Infinity; ring.next());
        ring.close();
      }
    },
    [Symbol.asyncDispose]: async () => {
      owned.dispose();
      await writer.close();
      await reader.cancel();
      await child.status;
    },
  };
}

Deno.test("a record rings once after it was listened for, and else never", async () => {
  await using opens = watchOpens("perf");
  await opens.open();
  assert.ok(opens.hasRecords());
  assert.equal(opens.rung(), false, "nobody listens");
  for (let time = 0; time < 3; time++) {
    opens.listen();
    await opens.open();
    assert.equal(opens.isAwaited(), false);
    assert.ok(opens.rung(), "the first record");
    await opens.open();
    assert.equal(opens.rung(), false, "the second record");
  }
});

Deno.test("a record in a BPF ring buffer wakes who waits for it there", async () => {
  await using opens = watchOpens("ring");
  for (let time = 0; time < 3; time++) {
    opens.listen();
    const rung = opens.wait();
    await opens.open();
    assert.ok(await happens(rung));
    assert.equal(opens.isAwaited(), false);
    opens.takeAll();
    assert.equal(opens.rung(), false);
  }
});
