/** Boot time to wall-clock time, compared with integers of any size. @module */
import assert from "node:assert/strict";
import { randomNumbers } from "./hostile_fixture.ts";
import { rfc3339Second, TimeWriter } from "./time.ts";

const BILLION = 1_000_000_000n;

function text(writer: TimeWriter, boottime: bigint): string {
  const out = new DataView(new ArrayBuffer(64));
  const end = writer.put(out, 0, Number(boottime & 0xffff_ffffn), Number(boottime >> 32n));
  return new TextDecoder().decode(new Uint8Array(out.buffer, 0, end));
}

Deno.test("TimeWriter.put() is exact for every 64-bit time", () => {
  const next = randomNumbers(7);
  const random = () => BigInt(next()) << 32n | BigInt(next());
  const times = [
    0n,
    1n,
    BILLION - 1n,
    BILLION,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n,
    2n ** 64n - 1n,
  ];
  for (let i = 0; i < 10_000; i++) times.push(random() >> BigInt(next() & 63));
  for (const time of times) {
    const offset = random() % (2n ** 61n);
    const clock = {
      offsetSeconds: Number(offset / BILLION),
      offsetNanoseconds: Number(offset % BILLION),
    };
    const writer = new TimeWriter(clock, { second: (s) => `${s}.`, fraction: "nanoseconds" });
    const wall = time + offset;
    assert.equal(
      text(writer, time),
      `${wall / BILLION}.${String(wall % BILLION).padStart(9, "0")}`,
    );
  }
});

Deno.test("TimeWriter.put() rounds microseconds down", () => {
  const clock = { offsetSeconds: 0, offsetNanoseconds: 0 };
  const writer = new TimeWriter(clock, { second: (s) => `[${s}.`, fraction: "microseconds" });
  assert.equal(text(writer, 1_999_999_999n), "[1.999999");
  assert.equal(text(writer, 2_000_000_999n), "[2.000000");
});

Deno.test("TimeWriter.put() follows a clock that is set, forwards and back", () => {
  const clock = { offsetSeconds: 100, offsetNanoseconds: 999_999_999 };
  const writer = new TimeWriter(clock, { second: (s) => `${s}.`, fraction: "nanoseconds" });
  assert.equal(text(writer, 1n), "101.000000000");
  clock.offsetSeconds = 50;
  assert.equal(text(writer, 0n), "50.999999999");
  clock.offsetNanoseconds = 0;
  assert.equal(text(writer, 0n), "50.000000000");
});

Deno.test("rfc3339Second() writes UTC without a fraction", () => {
  assert.equal(rfc3339Second(0), "1970-01-01T00:00:00");
  assert.equal(rfc3339Second(1_763_750_000), "2025-11-21T18:33:20");
});
