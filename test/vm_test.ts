/** Debian's kernels from 5.10 to 7.2, each booted in qemu: the real agent tells everything on all. @module */
import assert from "node:assert/strict";
import { CATALOGUE } from "../src/probes/catalogue.ts";
import { KINDS } from "./harness/ledger.ts";
import { type Release, RELEASES } from "./vm/kernels.ts";
import { type GroupOptions, runGroup } from "./vm/run_group.ts";
import { costTable, MOST_INSTRUCTIONS, parseCosts, renderCosts } from "./vm/verifier_costs.ts";
import { VERIFIER_DOC } from "./vm/write_verifier_doc.ts";

/** The groups, with what the kernel is told for each. */
const GROUPS: readonly (readonly [group: string, parameters: readonly string[]])[] = [
  ["hooks", []],
  ["conditions", []],
  ["integrity", ["lockdown=integrity"]],
  ["confidentiality", ["lockdown=confidentiality"]],
];
