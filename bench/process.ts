/** What the kernel accounts for a process: CPU time and memory. @module */

const TICKS_PER_SECOND = 100;
const PAGE_SIZE = 4096;

/** CPU time in seconds, user and system, that a process has used so far (proc(5), fields 14 and 15). */
export async function cpuSeconds(pid: number): Promise<number> {
  const fields = await statFields(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory in bytes (field 24). */
export async function residentBytes(pid: number): Promise<number> {
  return Number((await statFields(pid))[21]) * PAGE_SIZE;
}

/** Fields from the third on: the second is a name that may hold spaces. */
async function statFields(pid: number): Promise<readonly string[]> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
