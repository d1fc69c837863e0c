import { deepEqual, equal } from "node:assert/strict";
import { costTable, parseCosts, renderCosts } from "./verifier_costs.ts";

const TABLE = costTable(
  new Map([
    ["5.10", ["verifier open 36277", "another remark", "verifier exec 17"]],
    ["6.1", ["verifier open 5000"]],
  ]),
);

Deno.test("costTable() collects each kernel's costs by program", () => {
  deepEqual([...TABLE], [["exec", { "5.10": 17 }], ["open", { "5.10": 36277, "6.1": 5000 }]]);
});

Deno.test("renderCosts() makes a table, with a dash where a kernel has no place for a program", () => {
  equal(
    renderCosts(TABLE, ["5.10", "6.1"]),
    "| program | 5.10 | 6.1 |\n| --- | --: | --: |\n| `exec` | 17 | – |\n" +
      "| `open` | 36,277 | 5,000 |\n",
  );
});

Deno.test("parseCosts() reads what renderCosts() made, in the midst of other text", () => {
  deepEqual(parseCosts(`# Title\n\ntext\n\n${renderCosts(TABLE, ["5.10", "6.1"])}`), TABLE);
});
