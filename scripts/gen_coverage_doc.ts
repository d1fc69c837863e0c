/** The part of docs/coverage.md that tells of blind spots, from the table of them in code. @module */
import { EVENT_KINDS } from "../src/events/kinds.ts";
import { COVERAGE } from "../src/probes/coverage.ts";
import { withPart } from "./coverage_doc.ts";

/** What a blind spot means to who relies on the agent, and what to do about it; by its id. */
const NOTES: Readonly<Record<string, string>> = {
  args_count:
    "The classic tracepoint of an execution comes too early or too late to count arguments. The " +
    "arguments themselves are told.",
  compat32:
    "The kernel keeps calls of 32-bit programs (`int $0x80`, which 64-bit programs can use as " +
    "well) from the classic tracepoints. Whoever avoids the agent where it has nothing better " +
    "only needs one such call. Programs that are executed so are told all the same, unless the " +
    "attempt fails. Booting with `ia32_emulation=0`, or `SystemCallArchitectures=native` for a " +
    "service, forbids them.",
  early_failures:
    "An attempt that fails before the kernel looks for the file (its path cannot be read, the " +
    "process has no descriptor left) does not come to the function that is hooked, and is not in " +
    "`sys_openat_calls_total`. No file is opened in this way.",
  io_uring:
    "io_uring opens files without a system call of that name. Kernels before 6.1 do not tell in " +
    "their tracepoint which request is over, and there is no classic tracepoint that does. " +
    "`sysctl kernel.io_uring_disabled=2` (Linux 6.6 and later) forbids io_uring.",
  io_uring_path:
    "The kernel has freed the path that was asked for by the time it tells of an open through " +
    "io_uring. The file that was opened and its resolved path are told; of an attempt that " +
    "failed, only who tried and why it failed.",
  io_uring_silent:
    "With `IOSQE_CQE_SKIP_SUCCESS` a program asks to hear nothing of requests that succeed, and " +
    "then the kernel does not pass its tracepoint either.",
  many_blocked:
    "The kernel keeps track of max(10, 2 × CPUs) calls at once that a kretprobe waits for. Any " +
    "user can have as many opens wait, for the other end of a FIFO say, and those that come after " +
    "are not told. From Linux 6.7 on the kernel tells how many: `ebpf_agent_events_missed_total` " +
    "rises, and an alert on that is the remedy; before, no counter shows them. " +
    "`--probe.open=fexit` has no such limit.",
  open_by_handle_at:
    "Some kernels have no function of this name that could be hooked. The call takes " +
    "CAP_DAC_READ_SEARCH.",
  replaced_descriptor:
    "Where only the exit of a call can be hooked, a file is known by its descriptor. Another " +
    "thread that puts its own file there before the call is over (`dup2`), or a later request of " +
    "the same io_uring batch, has the agent tell of the wrong file: in 1 to 30 of 100 tries where " +
    "two threads race for it. The open is told and counted, with the path that was asked for; " +
    "`file.path`, the inode and `ebpf_passwd_read_events_total` are the other file's. Where " +
    "functions can be hooked the file itself is at hand.",
  replaced_handle:
    "The same for open_by_handle_at alone, where the kernel has no function that gives the file.",
  rewritten_path:
    "At the exit of a call the path that was asked for is read from the program's memory, where " +
    "another thread may have changed it since the kernel read it. The file and its resolved path " +
    "are told from the file itself, and are right; of an attempt that failed there is nothing else.",
  untraced_threads:
    "`CLONE_UNTRACED` marks a thread as one that tracers are not told of. The classic tracepoint " +
    "does not tell it from a worker of the kernel's own.",
  uselib: "uselib(2) opens a shared library of a format of the 1990s. Few kernels still have it: " +
    "Debian's do not, and Linux 6.16 and later have none.",
};

/** The document with the part of blind spots made anew. */
export function generate(text: string): string {
  return withPart(text, "blind spots", blindSpots());
}

function blindSpots(): string {
  const ids = [...new Set(places().map(({ id }) => id))].sort();
  const paragraphs = ids.map((id) => {
    const note = NOTES[id];
    if (note === undefined) throw new Error(`Cannot write of the blind spot ${id}: it has no note`);
    const where = places().filter((place) => place.id === id);
    const whats = [...new Set(where.map(({ what }) => what))].join("; ");
    return `**\`${id}\`**: ${whats}. Where: ${list(where)}.\n\n${note}\n`;
  });
  return `\n${paragraphs.join("\n")}\n`;
}

/** Every hook with each of its blind spots. */
function places() {
  return EVENT_KINDS.flatMap((event) =>
    Object.entries(COVERAGE[event]).flatMap(([hook, spots]) =>
      spots.map(({ id, what }) => ({ id, what, event, hook }))
    )
  );
}

/** "open by tp_btf and raw_tp, exec by tracepoint". */
function list(where: readonly { readonly event: string; readonly hook: string }[]): string {
  const events = [...new Set(where.map(({ event }) => event))];
  return events.map((event) => {
    const hooks = where.filter((place) => place.event === event).map(({ hook }) => `\`${hook}\``);
    return `${event} by ${hooks.join(", ")}`;
  }).join("; ");
}
