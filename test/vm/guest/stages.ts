/** Loads that are hard to follow: many processes, opens that wait, CPUs that come and go. @module */
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

/** A CPU goes offline and comes back while both are busy. */
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

/** Opens on the CPU that came back. */
export async function onReturnedCpu(load: Load): Promise<readonly Run[]> {
  return [await load.run("storm=1:100")];
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
