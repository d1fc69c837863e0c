/** The table of docs/coverage.md of what system calls pay that the agent does not look at. @module */
import { table } from "../../scripts/coverage_doc.ts";
import { type Bystander, readBystanders } from "./bystanders.ts";
import { type Release, RELEASES } from "./kernels.ts";

/** From the remarks of all machines. */
export function bystanderTable(remarks: ReadonlyMap<Release, readonly string[]>): string {
  const found = new Map(
    RELEASES.map((release) => [release, readBystanders(remarks.get(release) ?? [])]),
  );
  const hooks = [...new Set([...found.values()].flatMap((all) => all.map(({ hook }) => hook)))];
  const cell = (release: Release, hook: string) => {
    const one = found.get(release)?.find((each) => each.hook === hook);
    return one === undefined ? "unwatched" : show(one);
  };
  return `\n${
    table(["Linux", "alone", ...hooks], [
      ...RELEASES.map((release) => [
        release,
        String(Math.round(found.get(release)?.[0]?.alone ?? NaN)),
        ...hooks.map((hook) => cell(release, hook)),
      ]),
    ])
  }\n`;
}

function show({ alone, watched }: Bystander): string {
  const more = Math.round(watched - alone);
  return more === 0 ? "the same" : `${more > 0 ? "+" : ""}${more}`;
}
