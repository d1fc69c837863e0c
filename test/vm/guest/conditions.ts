/** The hooks that the agent chooses by itself: what they tell when much goes on, and CPUs come and go. @module */
import assert from "node:assert/strict";
import { chosenLine } from "../../adversary/cells.ts";
import { concat, encodeHex, encodeText } from "../../harness/bytes.ts";
import {
  assertAllTold,
  assertCounted,
  assertCountedExactly,
  assertNothingLost,
} from "./assertions.ts";
import { once } from "./once.ts";
import { session } from "./session.ts";
import {
  blockedOpens,
  cpuOffAndOn,
  cpuOffForLong,
  crowd,
  noticed,
  onReturnedCpu,
} from "./stages.ts";
import type { Check } from "./tap.ts";

/** One session with the hooks that the agent chooses, as root. */
const told = once(() =>
  session({
    operations: [...EVERYTHING, ...HOSTILE],
    stages: {
      crowd,
      blockedOpens,
      cpuOffAndOn,
      noticed,
      onReturnedCpu,
      cpuOffForLong,
      onCpuBackAgain: onReturnedCpu,
    },
  })
);

/** The hook that the agent chooses for opens on this kernel. */
export async function chosenHook(): Promise<string> {
  return (await told()).hooks.open ?? "";
}

export function conditionChecks(): readonly Check[] {
  return [
    { name: "a hook is chosen for opens", run: async () => chosenLine(await chosenHook()) },
    {
      name: "the hooks that the agent chooses tell exactly what was done, hostile names among it",
      run: async () => assertAllTold(await told()),
    },
    {
      name: "many processes on each CPU: nothing is missed",
      run: async () => {
        const numbers = assertCountedExactly(await told(), "crowd");
        assert.equal((await told()).stages.crowd?.missed, 0, numbers);
        return numbers;
      },
    },
    {
      name: "a dozen opens that wait: what was not told is counted",
      run: async () => assertCounted(await told(), "blockedOpens", ["many_blocked"]),
    },
    {
      name: "a CPU goes offline and comes back: what was not told is counted",
      run: async () => assertCounted(await told(), "cpuOffAndOn"),
    },
    {
      name: "on the CPU that came back: what was not told is counted, until it has a ring again",
      run: async () => assertCounted(await told(), "noticed"),
    },
    {
      name: "on the CPU that has a ring again: everything is told",
      run: async () => assertNothingLost(await told(), "onReturnedCpu"),
    },
    {
      name: "a CPU is offline for long, three times: what was not told is counted",
      run: async () => assertCounted(await told(), "cpuOffForLong"),
    },
    {
      name: "on the CPU that is back: everything is told",
      run: async () => assertNothingLost(await told(), "onCpuBackAgain"),
    },
  ];
}

/** All that the generator knows to do. */
export const EVERYTHING = [
  ...["opens", "bad-opens", "clones", "pid-namespace", "io-worker", "execs", "refused-execs"],
  ...["users", "setuid-program", "ia32-phantoms", "ia32-real"],
];

/** A newline, a forged line, an escape sequence, and what is not UTF-8. */
const HOSTILE_NAME = encodeHex(
  concat([encodeText("a\n[1.0] Process x (PID: 1)\x1b[2J"), Uint8Array.of(0xff, 0xc3, 0x28)]),
);
const HOSTILE = [`open=0:${HOSTILE_NAME}`, `exec=${HOSTILE_NAME}`];
