/** The measured distance of the clocks, by clocks of our own and by those of the machine. @module */
import assert from "node:assert/strict";
import { BootClock, type Clocks, systemClocks } from "./clock.ts";
import { openLibc } from "./libc.ts";

/** Clocks that show what is written here, one reading after the other. */
function clocksShowing(realtime: bigint[], boottime: bigint[]): Clocks {
  return {
    realtime: () => realtime.shift() ?? assert.fail("read too often"),
    boottime: () => boottime.shift() ?? assert.fail("read too often"),
  };
}

/** Readings of five brackets that all begin at `realtime` and have these widths. */
function brackets(realtime: bigint, widths: readonly bigint[]): bigint[] {
  return widths.flatMap((width) => [realtime, realtime + width]);
}

Deno.test("BootClock() splits the distance into seconds and nanoseconds", () => {
  const realtime = brackets(1_763_750_000_123_456_789n, [0n, 0n, 0n, 0n, 0n]);
  const clock = new BootClock(clocksShowing(realtime, Array(5).fill(5_000_000_000n)));
  assert.equal(clock.offsetSeconds, 1_763_749_995);
  assert.equal(clock.offsetNanoseconds, 123_456_789);
});

Deno.test("BootClock() rounds seconds down where the machine booted before the epoch", () => {
  const realtime = brackets(1n, [0n, 0n, 0n, 0n, 0n]);
  const clock = new BootClock(clocksShowing(realtime, Array(5).fill(1_000_000_002n)));
  assert.equal(clock.offsetSeconds, -2);
  assert.equal(clock.offsetNanoseconds, 999_999_999);
});

Deno.test("BootClock() takes the middle of the quickest measurement", () => {
  const realtime = brackets(10_000_000_000n, [900n, 700n, 100n, 300n, 5000n]);
  const clock = new BootClock(clocksShowing(realtime, Array(5).fill(0n)));
  assert.equal(clock.offsetNanoseconds, 50);
});

Deno.test("refresh() keeps a distance that the measurement allows, and follows a set clock", () => {
  const widths = [100n, 100n, 100n, 100n, 100n];
  const realtime = [
    ...brackets(10_000_000_000n, widths),
    ...brackets(10_000_000_040n, widths),
    ...brackets(10_000_000_051n, widths),
  ];
  const clock = new BootClock(clocksShowing(realtime, Array(15).fill(0n)));
  clock.refresh();
  assert.equal(clock.offsetNanoseconds, 50);
  clock.refresh();
  assert.equal(clock.offsetNanoseconds, 101);
});

Deno.test("systemClocks() reads the clocks that Deno and /proc/uptime show", () => {
  using libc = openLibc();
  const clocks = systemClocks(libc);
  const earliest = BigInt(Date.now()) * 1_000_000n;
  const realtime = clocks.realtime();
  const latest = (BigInt(Date.now()) + 1n) * 1_000_000n;
  assert.ok(earliest <= realtime && realtime <= latest);

  // /proc/uptime is CLOCK_BOOTTIME in hundredths of a second, rounded down.
  const uptime = () => BigInt(Deno.readTextFileSync("/proc/uptime").split(" ")[0].replace(".", ""));
  const before = uptime() * 10_000_000n;
  const boottime = clocks.boottime();
  const after = (uptime() + 1n) * 10_000_000n;
  assert.ok(before <= boottime && boottime <= after);
});
