/** The ledger's equations at rest, with programs under way, and with a fault in each term. @module */
import assert from "node:assert/strict";
import { perKind } from "../events/kinds.ts";
import { describeLedger, findImbalances, type LedgerReading } from "./ledger.ts";
import type { KernelCounters } from "./reading.ts";

const COUNTED: KernelCounters = { seen: 100, filtered: 10, submitted: 70, lost: 20 };

interface Numbers {
  readonly before?: Partial<KernelCounters>;
  readonly after?: Partial<KernelCounters>;
  readonly received?: number;
  readonly withheld?: number;
  readonly inRing?: number;
  readonly emitted?: number;
  readonly dropped?: number;
  readonly queued?: number;
  readonly underWay?: number;
}

/** A reading at rest that closes, with the numbers given put in for opens. */
function reading(numbers: Numbers = {}): LedgerReading {
  const forOpens = (usual: number, ours: number | undefined) =>
    perKind((event) => event === "open" ? ours ?? usual : usual);
  return {
    before: { ...perKind(() => COUNTED), open: { ...COUNTED, ...numbers.before } },
    after: {
      ...perKind(() => COUNTED),
      open: { ...COUNTED, ...(numbers.after ?? numbers.before) },
    },
    received: forOpens(65, numbers.received),
    withheld: forOpens(0, numbers.withheld),
    inRing: forOpens(5, numbers.inRing),
    outputs: [{
      name: "stdout",
      emitted: forOpens(50, numbers.emitted),
      dropped: forOpens(8, numbers.dropped),
      queued: forOpens(7, numbers.queued),
    }],
    underWay: perKind(() => numbers.underWay ?? 0),
  };
}

Deno.test("findImbalances() finds none where everything adds up", () => {
  assert.deepEqual(findImbalances(reading()), []);
});

const FAULTS: Readonly<Record<string, Numbers>> = {
  "seen too low": { before: { seen: 99 } },
  "seen too high": { before: { seen: 101 } },
  "filtered not counted": { before: { filtered: 9 } },
  "submitted not counted": { before: { submitted: 69 } },
  "lost not counted": { before: { lost: 19 } },
  "a record lost on the way": { received: 64, queued: 6 },
  "a record from nowhere": { received: 66, queued: 8 },
  "the ring miscounted": { inRing: 4 },
  "a record withheld and handed on": { withheld: 1 },
  "a line not counted": { emitted: 49 },
  "a line counted twice": { emitted: 51 },
  "a drop not counted": { dropped: 7 },
};

for (const [fault, numbers] of Object.entries(FAULTS)) {
  Deno.test(`findImbalances() finds, at rest and by one: ${fault}`, () => {
    const found = findImbalances(reading(numbers));
    assert.ok(found.length > 0);
    assert.ok(found.every((imbalance) => imbalance.startsWith("open: ")), found.join("\n"));
  });
}

Deno.test("findImbalances() allows for as many programs as can be under way, and not for one more", () => {
  const running = (count: number) => reading({ before: { seen: 100 + count }, underWay: 4 });
  assert.deepEqual(findImbalances(running(4)), []);
  assert.equal(findImbalances(running(5)).length, 1);
});

Deno.test("findImbalances() allows for what happened between the two readings of the maps", () => {
  const storm: Numbers = {
    before: COUNTED,
    after: { seen: 150, filtered: 10, submitted: 115, lost: 25 },
    inRing: 30,
  };
  assert.deepEqual(findImbalances(reading(storm)), []);
  assert.equal(findImbalances(reading({ ...storm, inRing: 51 })).length, 1);
});

Deno.test("findImbalances() takes what was withheld for an end of its own", () => {
  const numbers = { withheld: 3, emitted: 47 };
  assert.deepEqual(findImbalances(reading(numbers)), []);
  assert.match(
    describeLedger("open", COUNTED, { ...reading(numbers), missed: perKind(() => 0) }),
    / received 65 = withheld 3 \+ stdout emitted 47 \+ /,
  );
});

Deno.test("describeLedger() writes the equations with their numbers", () => {
  const { received, withheld, inRing, outputs } = reading();
  const missed = perKind(() => 0);
  assert.equal(
    describeLedger("open", COUNTED, { received, withheld, inRing, outputs, missed }),
    "open: seen 100 = filtered 10 + submitted 70 + lost 20; submitted 70 = received 65 + in ring 5; " +
      "received 65 = stdout emitted 50 + dropped 8 + queued 7; missed 0",
  );
});
