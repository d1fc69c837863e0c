/** Rings of CPUs that seem to go and come, on the real kernel; none is really taken offline. @module */
import assert from "node:assert/strict";
import { EpollSet } from "../kernel/epoll.ts";
import { OnlineCpus } from "../kernel/online_cpus.ts";
import { KernelFileError } from "../kernel/read_file.ts";
import { type Libbpf, openLibbpf } from "../libbpf/library.ts";
import type { BpfObject } from "../libbpf/object.ts";
import { perfMappings } from "../libbpf/testing.ts";
import { loadTestObject } from "../libbpf/testing_object.ts";
import { createLog } from "../log.ts";
import { PerfRings } from "./perf_rings.ts";

/** Room for a record of any size, beside others. */
const PAGES = 32;
const ENOSPC = 28;
const NONE: ReadonlySet<number> = new Set();

/** Rings, and what they are told of the machine. */
class Machine implements AsyncDisposable {
  readonly #stack: DisposableStack;
  readonly libbpf: Libbpf;
  readonly rings: PerfRings;
  readonly all: ReadonlySet<number>;
  readonly log: string[] = [];
  /** What sysfs says. */
  online: () => ReadonlySet<number>;
  readonly #object: BpfObject;

  private constructor(libbpf: Libbpf, object: BpfObject, stack: DisposableStack) {
    this.libbpf = libbpf;
    this.#object = object;
    this.#stack = stack;
    using online = new OnlineCpus(libbpf.libc);
    this.all = online.read();
    this.online = () => this.all;
    this.rings = this.#stack.use(
      new PerfRings({
        libc: libbpf.libc,
        maps: { events: object.map("events"), doorbell: object.map("doorbell") },
        pages: PAGES,
        log: createLog({ level: "info", format: "text", write: (line) => this.log.push(line) }),
        online: { read: () => this.online(), [Symbol.dispose]: () => {} },
      }),
    );
  }

  static async start(): Promise<Machine> {
    using stack = new DisposableStack();
    const libbpf = stack.use(openLibbpf());
    const object = stack.use(await loadTestObject(libbpf, "send"));
    return new Machine(libbpf, object, stack.move());
  }

  /** Has a program write a record on some CPU, and tells how that went. */
  send(): number {
    return this.#object.program("send").testRun(new Uint8Array(16));
  }

  /** Looks after the CPUs, so many events being lost on each by now. */
  follow(lost = 0): boolean {
    return this.rings.follow(Array(this.libbpf.possibleCpus).fill(lost));
  }

  /** Takes out what the rings hold, and tells how many records that were. */
  take(): number {
    let taken = 0;
    for (const ring of this.rings.events) {
      for (ring.open(); ring.time !== Infinity; ring.next()) taken++;
      ring.close();
    }
    return taken;
  }

  /** What was said since the last time, without the time. */
  said(): readonly string[] {
    return this.log.splice(0).map((line) => line.replace(/^\S+ /, ""));
  }

  /** Whether somebody has rung, once. */
  rung(): boolean {
    const was = new EpollSet(this.libbpf.libc, this.rings.doorbellFd).sleep(0);
    this.rings.clearDoorbell();
    return was;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#stack.dispose();
    return Promise.resolve();
  }
}

Deno.test("PerfRings change nothing while no CPU goes or comes", async () => {
  await using machine = await Machine.start();
  const { events } = machine.rings;
  for (let poll = 0; poll < 3; poll++) assert.equal(machine.follow(), false);
  assert.equal(machine.rings.events, events);
  assert.equal(events.length, machine.all.size);
  assert.deepEqual(machine.said(), []);
});

Deno.test("PerfRings keep the ring of a CPU that went until it is empty", async () => {
  await using machine = await Machine.start();
  assert.equal(machine.send(), 0);
  machine.online = () => NONE;
  machine.follow();
  assert.deepEqual(
    machine.said(),
    [...machine.all].map((cpu) => `INFO  A CPU went offline cpu=${cpu}`),
  );
  machine.follow();
  assert.equal(machine.rings.events.length, 1, "the one with a record");
  assert.equal(machine.take(), 1);
  assert.equal(machine.follow(), true);
  assert.deepEqual(machine.rings.events, []);
  assert.deepEqual(await perfMappings(), []);
  assert.deepEqual(machine.said(), []);
  assert.equal(machine.send(), -ENOSPC);
});

Deno.test("PerfRings give a CPU that came a ring and a doorbell", async () => {
  await using machine = await Machine.start();
  machine.online = () => NONE;
  machine.follow();
  machine.said();
  machine.online = () => machine.all;
  assert.equal(machine.follow(), true);
  assert.deepEqual(
    machine.said(),
    [...machine.all].map((cpu) => `INFO  A CPU came online: its events are told cpu=${cpu}`),
  );
  assert.equal(machine.rung(), false);
  assert.equal(machine.send(), 0);
  assert.deepEqual([machine.rung(), machine.rung()], [true, false]);
  assert.equal(machine.take(), 1);
});

Deno.test("PerfRings do not hear the doorbell of a CPU that went", async () => {
  await using machine = await Machine.start();
  machine.send();
  machine.online = () => NONE;
  machine.follow();
  assert.equal(machine.rung(), false);
});

Deno.test("PerfRings take a ring for dead that takes nothing while events are lost", async () => {
  await using machine = await Machine.start();
  machine.send();
  assert.equal(machine.follow(1), false, "the first look");
  assert.equal(machine.follow(1), false, "nothing was lost since");
  assert.equal(machine.follow(2), true);
  assert.equal(machine.said().length, machine.all.size);
  machine.send();
  assert.equal(machine.take(), 2, "of the old ring and of the new one");
  assert.equal(machine.follow(3), true, "the old ones are given back, the new ones in order");
  assert.equal(machine.rings.events.length, machine.all.size);
  assert.deepEqual(machine.said(), []);
});

Deno.test("PerfRings do not take a ring for dead that is full", async () => {
  await using machine = await Machine.start();
  while (machine.send() === 0);
  // One CPU's is full now, and looks as if it had died; those with room have.
  machine.follow(1);
  machine.follow(2);
  assert.equal(machine.said().length, machine.all.size - 1);
});

Deno.test("PerfRings take no more memory and descriptors however often CPUs go and come", async () => {
  await using machine = await Machine.start();
  const count = async () => [
    (await perfMappings()).length,
    [...Deno.readDirSync("/proc/self/fd")].length,
  ];
  const before = await count();
  for (let time = 1; time <= 20; time++) {
    machine.send();
    machine.online = () => NONE;
    machine.follow();
    machine.online = () => machine.all;
    machine.follow();
    machine.send();
    assert.equal(machine.take(), 2);
  }
  machine.follow();
  assert.deepEqual(await count(), before);
});

Deno.test("PerfRings say once that a CPU can have no ring, and try again when CPUs go or come", async () => {
  await using machine = await Machine.start();
  const absent = machine.libbpf.possibleCpus;
  const more = new Set([...machine.all, absent]);
  const warning = new RegExp(
    `^WARN  A CPU came online, and can have no ring: its events are counted, not told cpu=${absent} ` +
      `because="Cannot open a perf buffer on CPU ${absent}: E`,
  );
  for (const [online, times] of [[more, 1], [more, 0], [machine.all, 0], [more, 1]] as const) {
    machine.online = () => online;
    assert.equal(machine.follow(), false);
    const said = machine.said();
    assert.equal(said.length, times);
    for (const line of said) assert.match(line, warning);
  }
});

Deno.test("PerfRings stay as they are while sysfs cannot be read", async () => {
  await using machine = await Machine.start();
  machine.online = () => {
    throw new KernelFileError("/sys", "EMFILE");
  };
  assert.equal(machine.follow(), false);
  assert.deepEqual(machine.said(), []);
});
