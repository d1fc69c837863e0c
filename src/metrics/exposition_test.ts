import { deepEqual, equal } from "node:assert/strict";
import { expose, type ExpositionFormat } from "./exposition.ts";
import { FAMILIES } from "./families.ts";
import { type Family, family, type Scrape } from "./family.ts";
import { HOSTILE_LABEL, SCRAPE } from "./scrape_fixture.ts";

/** What each format's parser of Debian's python3-prometheus-client makes of a text. */
const PARSE_IN_PYTHON = `
import json, sys
if sys.argv[1] == "openmetrics":
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
else:
    from prometheus_client.parser import text_string_to_metric_families
text = sys.stdin.buffer.read().decode("utf-8")
print(json.dumps([
    dict(name=f.name, type=f.type, unit=f.unit, help=f.documentation,
         samples=[[s.name, s.labels, s.value] for s in f.samples])
    for f in text_string_to_metric_families(text)]))
`;

interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly (readonly [string, Readonly<Record<string, string>>, number])[];
}

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runWithInput(
  command: readonly [string, ...string[]],
  input: string,
): Promise<Finished> {
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

async function parseInPython(
  text: string,
  format: ExpositionFormat,
): Promise<readonly ParsedFamily[]> {
  // Debian's package belongs to Debian's interpreter, whichever stands first in the path.
  const command = ["/usr/bin/python3", "-c", PARSE_IN_PYTHON, format] as const;
  const { code, stdout, stderr } = await runWithInput(command, text);
  equal(code, 0, stderr);
  return JSON.parse(stdout);
}

/** What a parser should find, said by the table. */
function expectedFamilies(scrape: Scrape, format: ExpositionFormat): readonly ParsedFamily[] {
  return FAMILIES.map(({ name, type, unit, help, labels, samples }) => ({
    name: type === "counter" ? name.replace(/_total$/, "") : name,
    type,
    unit: (format === "openmetrics" && unit) || "",
    help,
    samples: samples(scrape).map(([value, ...values]) => {
      return [name, Object.fromEntries(labels.map((label, i) => [label, values[i]])), value];
    }),
  }));
}

const HOSTILE_SCRAPE: Scrape = { ...SCRAPE, build: { ...SCRAPE.build, kernel: HOSTILE_LABEL } };

/** An example with awkward help and numbers. */
function example(values: readonly number[]): Family {
  return family({
    name: "example_seconds_total",
    type: "counter",
    unit: "seconds",
    labels: ["place"],
    help: 'Says "so" with a \\ and\na newline.',
    samples: () => values.map((value, index) => [value, String(index)]),
  });
}

for (const format of ["text", "openmetrics"] as const) {
  Deno.test(`expose() in ${format} is read by prometheus_client as it was meant`, async () => {
    const text = expose(FAMILIES, HOSTILE_SCRAPE, format);
    deepEqual(
      await parseInPython(text, format),
      expectedFamilies(HOSTILE_SCRAPE, format),
    );
  });

  Deno.test(`expose() in ${format} escapes help texts as prometheus_client reads them`, async () => {
    const [parsed] = await parseInPython(expose([example([1])], SCRAPE, format), format);
    equal(parsed.help, 'Says "so" with a \\ and\na newline.');
  });
}

Deno.test("expose() in text gives promtool nothing to say", async () => {
  const text = expose(FAMILIES, HOSTILE_SCRAPE, "text");
  deepEqual(await runWithInput(["promtool", "check", "metrics"], text), {
    code: 0,
    stdout: "",
    stderr: "",
  });
});

Deno.test("expose() writes a family in each format", () => {
  equal(
    expose([example([1.5])], SCRAPE, "text"),
    '# HELP example_seconds_total Says "so" with a \\\\ and\\na newline.\n' +
      "# TYPE example_seconds_total counter\n" +
      'example_seconds_total{place="0"} 1.5\n',
  );
  equal(
    expose([example([1.5])], SCRAPE, "openmetrics"),
    "# TYPE example_seconds counter\n" +
      "# UNIT example_seconds seconds\n" +
      '# HELP example_seconds Says \\"so\\" with a \\\\ and\\na newline.\n' +
      'example_seconds_total{place="0"} 1.5\n' +
      "# EOF\n",
  );
});

Deno.test("expose() writes integers without exponent", () => {
  const values = [0, -0, 2 ** 53 - 1, 2 ** 64, 1e21, 1.25e-7, Infinity, -Infinity, NaN];
  const lines = expose([example(values)], SCRAPE, "text").trimEnd().split("\n").slice(2);
  deepEqual(lines.map((line) => line.split(" ")[1]), [
    "0",
    "0",
    "9007199254740991",
    "18446744073709551616",
    "1000000000000000000000",
    "1.25e-7",
    "+Inf",
    "-Inf",
    "NaN",
  ]);
});

Deno.test("expose() leaves out a family without samples", () => {
  equal(expose([example([])], SCRAPE, "text"), "");
  equal(expose([example([])], SCRAPE, "openmetrics"), "# EOF\n");
});
