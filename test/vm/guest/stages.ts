/** Loads that are hard to follow: many processes, opens that wait, CPUs that come and go. @module */
import type { Agent } from "../../harness/agent.ts";
import { encodeHex, encodeText } from "../../harness/bytes.ts";
import { type Load, LOAD_NAME, type Run } from "../../harness/load.ts";
import { output, sleep, until } from "../../harness/process.ts";

/** Several processes on each CPU, all of which open at once. */
export function crowd(load: Load): Promise<readonly Run[]> {
  return Promise.all(Array.from({ length: 6 }, () => load.run("burst=200")));
}

/** A dozen opens that wait for a writer, and others meanwhile. A kretprobe holds an instance for each. */
export async function blockedOpens(load: Load): Promise<readonly Run[]> {
  const fifo = `${load.folder}/fifo`;
  await output(["mkfifo", fifo]);
  const blocked = Array.from(
    { length: A_DOZEN },
    () => load.run(`open=0:${encodeHex(encodeText(fifo))}`),
  );
  await until("a dozen opens wait", () => countWaiting() === A_DOZEN ? true : undefined);
  const others = await load.run("burst=100");
  using _ = await Deno.open(fifo, { write: true });
  return [others, ...await Promise.all(blocked)];
}

/** A CPU goes offline and comes back while both are busy, sooner than the agent looks again. */
export async function cpuOffAndOn(load: Load): Promise<readonly Run[]> {
  const [first, second] = await Promise.all([
    load.run("storm=0:500"),
    load.run("storm=1:500"),
    offAndOn(),
  ]);
  return [first, second];
}

async function offAndOn(): Promise<void> {
  // A process that is not there yet could not be bound to a CPU that is gone.
  await until("a storm is on each CPU", () => {
    const cpus = loads().map((pid) =>
      /^Cpus_allowed_list:\s+(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1]
    );
    return cpus.includes("0") && cpus.includes("1") ? true : undefined;
  });
  await setOnline(false);
  await sleep(100);
  await setOnline(true);
}

/** Opens on the CPU that came back, until the agent has noticed that they are lost. */
export async function noticed(load: Load, agent: Agent): Promise<readonly Run[]> {
  const runs: Run[] = [];
  await until("the agent has given the CPU a ring", async () => {
    runs.push(await load.run("storm=1:100"));
    return timesSaid(agent, CAME) > 0 ? true : undefined;
  }, SOME_POLLS_MS);
  return runs;
}

/** Opens on the CPU that came back. */
export async function onReturnedCpu(load: Load): Promise<readonly Run[]> {
  return [await load.run("storm=1:100")];
}

/** A CPU is offline for so long that the agent sees it, three times, and busy when it is not. */
export async function cpuOffForLong(load: Load, agent: Agent): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let time = 0; time < 3; time++) {
    await saying(agent, WENT, () => setOnline(false));
    await saying(agent, CAME, () => setOnline(true));
    runs.push(await load.run("storm=1:100"));
  }
  return runs;
}

const WENT = "A CPU went offline cpu=1";
const CAME = "A CPU came online: its events are told cpu=1";

/** On a machine that is slow, as `until` knows, more. */
const SOME_POLLS_MS = 1_000;

/** Does something, and waits until the agent has said these words once more. */
async function saying(agent: Agent, words: string, act: () => Promise<void>): Promise<void> {
  const before = timesSaid(agent, words);
  await act();
  const isSaid = () => timesSaid(agent, words) > before ? true : undefined;
  await until(`the agent says "${words}"`, isSaid, SOME_POLLS_MS);
}

function timesSaid(agent: Agent, words: string): number {
  return agent.stderr.split(words).length - 1;
}

const A_DOZEN = 12;

function countWaiting(): number {
  return loads().filter((pid) => read(`/proc/${pid}/syscall`).startsWith(OPENAT)).length;
}

/** The generator's processes. */
function loads(): readonly string[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => name)
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/comm`) === LOAD_NAME);
}

const OPENAT = "257 ";

/** Nothing for a process that has ended meanwhile. */
function read(path: string): string {
  try {
    return Deno.readTextFileSync(path).trimEnd();
  } catch {
    return "";
  }
}

async function setOnline(online: boolean): Promise<void> {
  await Deno.writeTextFile("/sys/devices/system/cpu/cpu1/online", online ? "1" : "0");
}
