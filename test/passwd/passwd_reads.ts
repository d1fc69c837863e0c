/** Programs that read /etc/passwd, and who has to be told to have asked; for every hook alike. @module */
import assert from "node:assert/strict";
import type { Ground } from "../adversary/survey.ts";
import { Agent } from "../harness/agent.ts";
import { compileFolder } from "../harness/c_program.ts";
import { type Metrics, sample } from "../harness/metrics.ts";
import { output } from "../harness/process.ts";

/** The programs of test/passwd, where they are compiled. */
export interface PasswdPrograms {
  readonly shared: string;
  readonly static: string;
}

/** Compiles the same program with the C library in a file of its own, and as a part of it. */
export async function compilePasswdPrograms(): Promise<PasswdPrograms> {
  return {
    shared: await compileFolder("test/passwd", "passwd-shared", "shared"),
    static: await compileFolder("test/passwd", "passwd-static", "static"),
  };
}

/** What else is run. */
export const PASSWD_READERS = ["/usr/bin/getent", "/usr/bin/id", "/bin/cat", "/bin/bash"] as const;

/** A shell looks up what it is not told. */
const ENVIRONMENT = { HOME: "/", SHELL: "/bin/sh" } as const;

/** Has each program run, and asserts that the agent counts its reads by who asked for them. */
export async function assertPasswdReads(args: readonly string[], ground: Ground): Promise<void> {
  const reads = readsOf(await compilePasswdPrograms());
  const env = { ...Deno.env.toObject(), ...ENVIRONMENT };
  await using agent = await Agent.start({ wrap: ground.wrap, args: ["--output=none", ...args] });
  for (const [what, command, nameService, direct] of reads) {
    const before = countsIn(await agent.metrics());
    await output([...ground.inside(agent), ...command], { env });
    const after = countsIn(await agent.metrics());
    const rise = {
      nameService: after.nameService - before.nameService,
      direct: after.direct - before.direct,
      all: after.all - before.all,
    };
    assert.deepEqual(rise, { nameService, direct, all: nameService + direct }, what);
  }
}

type Read = readonly [
  what: string,
  command: readonly string[],
  nameService: number,
  direct: number,
];

function readsOf(programs: PasswdPrograms): readonly Read[] {
  const [getent, id, cat, bash] = PASSWD_READERS;
  return [
    ["getent", [getent, "passwd", "root"], 1, 0],
    ["id", [id, "-un"], 1, 0],
    ["getpwnam", [programs.shared, "lookup"], 1, 0],
    ["getpwnam in a thread", [programs.shared, "lookup-in-thread"], 1, 0],
    ["the library's own path, by each call", [programs.shared, "borrowed"], 3, 0],
    ["a literal of the program", [programs.shared, "literal"], 0, 1],
    ["a thread's stack and heap", [programs.shared, "copies-in-thread"], 0, 2],
    ["cat", [cat, "/etc/passwd"], 0, 1],
    ["a redirection of bash", [bash, "-c", "read line </etc/passwd"], 0, 1],
    // The library is the program.
    ["getpwnam of a static program", [programs.static, "lookup"], 0, 1],
    ["a literal of a static program", [programs.static, "literal"], 0, 1],
  ];
}

interface Counts {
  readonly nameService: number;
  readonly direct: number;
  readonly all: number;
}

function countsIn(metrics: Metrics): Counts {
  const by = (who: string) => sample(metrics, "ebpf_agent_passwd_reads_total", { by: who });
  return {
    nameService: by("name_service"),
    direct: by("direct"),
    all: sample(metrics, "ebpf_passwd_read_events_total"),
  };
}
