import { deepEqual, equal, match } from "node:assert/strict";
import { helpText } from "./cli/help.ts";
import { versionText } from "./commands/version.ts";
import { EXIT } from "./errors.ts";

const MAIN = new URL("./main.ts", import.meta.url);
const DENO = ["run", "--allow-all", MAIN.href];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ebpfAgent(args: readonly string[], env: Record<string, string> = {}) {
  const command = new Deno.Command(Deno.execPath(), { args: [...DENO, ...args], env });
  return ended(await command.output());
}

function ended({ code, stdout, stderr }: Deno.CommandOutput): Ended {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

Deno.test("main shows help and version on stdout", async () => {
  const cases: readonly (readonly [string[], string])[] = [
    [["--help"], helpText()],
    [["check", "-h"], helpText("check")],
    [["version"], versionText()],
    [["--version"], versionText()],
  ];
  for (const [args, stdout] of cases) {
    deepEqual(await ebpfAgent(args), { code: EXIT.done, stdout, stderr: "" });
  }
});

Deno.test("main ends wrong usage with 2 and one sentence, also while debugging", async () => {
  const cases: readonly (readonly [string[], Record<string, string>, string])[] = [
    [
      ["--evnts=exec"],
      {},
      'Unknown flag "--evnts": did you mean --events? (see ebpf-agent --help)',
    ],
    [["stat"], {}, 'Unknown command "stat" (see ebpf-agent --help)'],
    [
      ["--web.listen-address=3000"],
      {},
      '--web.listen-address: "3000" is no address; write ":3000" for every interface',
    ],
    [["--output=a\n\u001b[2J"], {}, '--output: "a\\n\\u001b[2J" is none of text, json or none'],
    [
      [],
      { EBPF_AGENT_EVENTS: "opne" },
      'EBPF_AGENT_EVENTS: "opne" is none of exec, clone, open, privilege or none; did you mean "open"?',
    ],
  ];
  for (const [args, env, sentence] of cases) {
    const stderr = `ebpf-agent: ${sentence}\n`;
    deepEqual(await ebpfAgent(args, env), { code: EXIT.usage, stdout: "", stderr });
  }
});

Deno.test("main shows where an error was thrown while debugging alone", async () => {
  const { code, stderr } = await ebpfAgent(["--log.level=debug", "--output=xml"]);
  equal(code, EXIT.usage);
  match(stderr, /^ebpf-agent: --output: "xml" is none of .*\n {2}AgentError: .*\n {6}at /);
});

Deno.test("main writes an error as JSON where messages are JSON", async () => {
  const { code, stderr } = await ebpfAgent(["--log.format=json", "--output=xml"]);
  equal(code, EXIT.usage);
  const { time, ...rest } = JSON.parse(stderr);
  equal(typeof time, "string");
  deepEqual(rest, {
    level: "error",
    message: '--output: "xml" is none of text, json or none',
    exit_code: EXIT.usage,
  });
});

Deno.test("main tells the journal that each line of an error is one", async () => {
  const stream = 'JOURNAL_STREAM=$(stat -L -c %d:%i /proc/$$/fd/2) exec "$@" --output=xml';
  const end = await new Deno.Command("sh", {
    args: ["-c", stream, "sh", Deno.execPath(), ...DENO],
    env: { EBPF_AGENT_LOG_LEVEL: "debug" },
  }).output();
  const { code, stderr } = ended(end);
  equal(code, EXIT.usage);
  match(stderr, /^<3>ebpf-agent: --output: "xml" is none of .*\n(<3> {2}.*\n)+$/);
});

Deno.test("main says that stdout cannot be written to", async () => {
  const full = await new Deno.Command("sh", {
    args: ["-c", 'exec "$@" --help > /dev/full', "sh", Deno.execPath(), ...DENO],
  }).output();
  const { code, stderr } = ended(full);
  equal(code, EXIT.failed);
  match(stderr, /^ebpf-agent: Cannot write to stdout: No space left on device.*\n$/);
});

Deno.test("main is done where nobody reads its help", async () => {
  const child = new Deno.Command("sh", {
    args: ["-c", 'read -r go; exec "$@" --help', "sh", Deno.execPath(), ...DENO],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  const stdin = child.stdin.getWriter();
  await stdin.write(new TextEncoder().encode("go\n"));
  await stdin.close();
  equal(await new Response(child.stderr).text(), "");
  equal((await child.status).code, EXIT.done);
});

Deno.test("main loads what reaches the kernel only when a command asks for it", async () => {
  const loaded = new Set([MAIN.href]);
  for (const module of loaded) {
    const source = await Deno.readTextFile(new URL(module));
    for (const [, specifier = ""] of source.matchAll(STATIC_IMPORT)) {
      loaded.add(new URL(specifier, module).href);
    }
  }
  const source = new URL(".", MAIN).href;
  const paths = [...loaded].map((module) => module.replace(source, ""));
  equal(paths.includes("words/nearest.ts"), true);
  deepEqual(
    paths.filter((path) => /^(agent|commands\/(run|check)|http|kernel|libbpf|probes)\b/.test(path)),
    // A table of names; and how to look at stderr, which is done where JOURNAL_STREAM is set.
    ["probes/catalogue.ts", "kernel/libc.ts", "kernel/status.ts"],
  );
});

/** An import or re-export of a file that is carried out before the module is. */
const STATIC_IMPORT = /^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)"/gm;
