/** The command line of the benchmarks. @module */

/** What is to be measured, and how thoroughly. */
export interface Options {
  /** Sections by name; empty for those that are run by default. */
  readonly sections: readonly string[];
  readonly rounds: number;
  /** Short loads: to see that everything works, not to publish. */
  readonly quick: boolean;
  /** Write the report from what was measured before. */
  readonly reportOnly: boolean;
  /** How the agent is run where a section does not measure both ways. */
  readonly agent: "source" | "compiled";
}

export const USAGE =
  `Usage: deno task bench [SECTION...] [--rounds=N] [--quick] [--agent=source|compiled] [--report]

Measures the agent and its peers, and writes docs/benchmarks.md. Run it as root, on a machine with nothing else to do.
Sections that are not run keep their last result. "all" is every section. Without a section, all but the last:
`;

/** Reads the command line; throws a RangeError that names what is wrong with it. */
export function parseOptions(args: readonly string[], known: readonly string[]): Options {
  const sections: string[] = [];
  let [rounds, quick, reportOnly] = [0, false, false];
  let agent: Options["agent"] = "source";
  for (const arg of args) {
    const [name, value = ""] = arg.split("=", 2);
    if (known.includes(arg)) sections.push(arg);
    else if (arg === "all") sections.push(...known);
    else if (arg === "--quick") quick = true;
    else if (arg === "--report") reportOnly = true;
    else if (name === "--rounds" && /^[1-9]\d?$/.test(value)) rounds = Number(value);
    else if (name === "--agent" && (value === "source" || value === "compiled")) agent = value;
    else throw new RangeError(`Cannot use "${arg}": it is no section and no option`);
  }
  return { sections, rounds: rounds || (quick ? 1 : 5), quick, reportOnly, agent };
}
