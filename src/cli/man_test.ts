import { deepEqual, equal } from "node:assert/strict";
import { manPage } from "./man.ts";
import { COMMANDS, OPTIONS } from "./options.ts";
import { EXAMPLES, EXIT_CODES, optionForm, optionMeaning, UNBROKEN } from "./topics.ts";

/** Runs a program on a page that it reads from stdin. */
async function pipe(page: string, ...[program, ...args]: [string, ...string[]]): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C.UTF-8", MANWIDTH: "100" },
  }).spawn();
  const written = new Blob([page]).stream().pipeTo(child.stdin);
  const [{ stdout, stderr }] = await Promise.all([child.output(), written]);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return text(stdout) + text(stderr);
}

Deno.test("manPage() has no fault that mandoc knows of, but that it names no date", async () => {
  const faults = await pipe(manPage("1.2.3"), "mandoc", "-Tlint", "-Wwarning");
  deepEqual(faults.trimEnd().split("\n").map((line) => line.replace(/^.*?\d+:\d+: /, "")), [
    'WARNING: missing date, using "": TH',
  ]);
});

Deno.test("manPage() is printed by groff without a warning", async () => {
  equal(await pipe(manPage("1.2.3"), "groff", "-man", "-Tutf8", "-ww", "-z"), "");
});

Deno.test("manPage() shows every command, option, exit code and example", async () => {
  const shown = (await pipe(manPage("1.2.3"), "mandoc", "-Tutf8"))
    // deno-lint-ignore no-control-regex -- bold letters are struck twice
    .replaceAll(/.\u0008/g, "")
    .replaceAll(/\s+/g, " ");
  const expected = [
    "ebpf-agent 1.2.3",
    ...COMMANDS.map(({ name, meaning }) => `${name} ${meaning}`),
    ...OPTIONS.map((option) => `${optionForm(option)} ${optionMeaning(option)}`),
    ...Object.values(EXIT_CODES).flat().map((row) => row.join(" ")),
    ...EXAMPLES.map(({ line, meaning }) => `${line} ${meaning}`),
  ];
  for (const text of expected) {
    equal(shown.includes(text.replaceAll(UNBROKEN, " ")), true, text);
  }
});

Deno.test("manPage() lets no text be taken for a command of roff", async () => {
  const version = ".1\\fB '\"^~-x";
  const shown = await pipe(manPage(version), "mandoc", "-Tascii");
  equal(shown.includes(`ebpf-agent ${version}`), true, shown.slice(-200));
});
