import { deepEqual, throws } from "node:assert/strict";
import { AgentError, EXIT } from "../errors.ts";
import { type Invocation, parseCommandLine } from "./flags.ts";
import { RULE_PACK } from "./printable.ts";

function accepts(cases: readonly (readonly [args: readonly string[], expected: Invocation])[]) {
  for (const [args, expected] of cases) deepEqual(parseCommandLine(args), expected, args.join(" "));
}

function refuses(cases: readonly (readonly [args: readonly string[], message: string])[]): void {
  for (const [args, message] of cases) {
    throws(() => parseCommandLine(args), (error) => {
      if (!(error instanceof AgentError)) return false;
      deepEqual([error.message, error.exitCode], [message, EXIT.usage]);
      return true;
    }, args.join(" "));
  }
}

Deno.test("parseCommandLine() runs unless told otherwise", () => {
  accepts([
    [[], { command: "run", flags: {} }],
    [["run"], { command: "run", flags: {} }],
    [["check"], { command: "check", json: false, configFile: undefined }],
    [["check", "--json"], { command: "check", json: true, configFile: undefined }],
    [["--json", "check"], { command: "check", json: true, configFile: undefined }],
    [["check", "--config.file=/x"], { command: "check", json: false, configFile: "/x" }],
    [["check", "--json=false"], { command: "check", json: false, configFile: undefined }],
    [["version"], { command: "version" }],
    [["--version"], { command: "version" }],
    [["check", "--version"], { command: "version" }],
    [["print", "man"], { command: "print", what: "man" }],
    [["print", "--help=false", "unit"], { command: "print", what: "unit" }],
  ]);
});

Deno.test("parseCommandLine() takes files behind record and test", () => {
  const record = { command: "record", flags: {}, maxSize: undefined, keep: undefined } as const;
  accepts([
    [["record", "a"], { ...record, file: "a" }],
    [["--args=none", "record", "a", "--record.keep=2", "--record.max-size=5MiB", "--bpf.stats"], {
      command: "record",
      file: "a",
      flags: { args: ["none"], "bpf.stats": ["true"] },
      maxSize: "5MiB",
      keep: "2",
    }],
    [["test", "a"], { command: "test", ruleFiles: ["a"], events: undefined }],
    [["test", "a", "--events", "c", "b"], {
      command: "test",
      ruleFiles: ["a", "b"],
      events: "c",
    }],
  ]);
  refuses([
    [["record", ""], "record: the name of a file is empty; write one, such as agent.rec"],
    [["test", "a", ""], "test: the name of a file is empty; write one, such as rules.yaml"],
    [["record"], "record: the file is missing; write the one to record to, such as agent.rec"],
    [["record", "a", "b"], 'Unexpected argument "b" after "record" (see ebpf-agent --help)'],
    [["test"], "test: the rules are missing; write the files they are in, such as rules/*.yaml"],
    [
      ["test", "a", "--output=json"],
      '--output: belongs to "run", "test" does not take it (see ebpf-agent test --help)',
    ],
    [
      ["run", "--record.keep=2"],
      '--record.keep: belongs to "record", "run" does not take it (see ebpf-agent run --help)',
    ],
  ]);
});

Deno.test("parseCommandLine() takes values behind an equals sign and as the next argument", () => {
  accepts([
    [["--output=json"], { command: "run", flags: { output: ["json"] } }],
    [["--output", "json", "run"], { command: "run", flags: { output: ["json"] } }],
    [["run", "--filter.comm=a=b"], { command: "run", flags: { "filter.comm": ["a=b"] } }],
    [["--filter.comm=-a"], { command: "run", flags: { "filter.comm": ["-a"] } }],
    [["--filter.comm=a", "--filter.comm", "b"], {
      command: "run",
      flags: { "filter.comm": ["a", "b"] },
    }],
    [["--bpf.stats"], { command: "run", flags: { "bpf.stats": ["true"] } }],
    [["--bpf.stats=false"], { command: "run", flags: { "bpf.stats": ["false"] } }],
  ]);
});

Deno.test("parseCommandLine() gives help wherever it is asked for", () => {
  accepts([
    [["--help"], { command: "help", about: undefined }],
    [["-h"], { command: "help", about: undefined }],
    [["run", "--help"], { command: "help", about: "run" }],
    [["-h", "check", "--json"], { command: "help", about: "check" }],
    [["version", "-h"], { command: "help", about: "version" }],
    [["--output=json", "--help", "--version"], { command: "help", about: undefined }],
    [["nonsense", "--help"], { command: "help", about: undefined }],
    [["--help=false", "check"], { command: "check", json: false, configFile: undefined }],
  ]);
});

Deno.test("parseCommandLine() refuses what it does not know and names what is nearest", () => {
  const help = "(see ebpf-agent --help)";
  refuses([
    [["--evnts=exec"], `Unknown flag "--evnts": did you mean --events? ${help}`],
    [["-events=exec"], `Unknown flag "-events": did you mean --events? ${help}`],
    [["--Output", "json"], `Unknown flag "--Output": did you mean --output? ${help}`],
    [
      ["--listen-address=:1"],
      `Unknown flag "--listen-address": did you mean --web.listen-address? ${help}`,
    ],
    [["--no-bpf.stats"], `Unknown flag "--no-bpf.stats": did you mean --bpf.stats? ${help}`],
    [["--settings=/x"], `Unknown flag "--settings" ${help}`],
    [["--settings", "/x"], `Unknown flag "--settings" ${help}`],
    [["--config=/x"], `Unknown flag "--config": did you mean --config.file? ${help}`],
    [["--__proto__=x"], `Unknown flag "--__proto__" ${help}`],
    [["--constructor"], `Unknown flag "--constructor" ${help}`],
    [["--=x"], `Unknown flag "--" ${help}`],
    [["-x"], `Unknown flag "-x" ${help}`],
    [["-hx"], `Unknown flag "-hx" ${help}`],
    [["--a\nb"], `Unknown flag "--a\\nb" ${help}`],
    [
      ["print"],
      "print: the argument is missing; write one of man, bash, zsh, fish, unit, environment, config, " +
      RULE_PACK.join(", "),
    ],
    [
      ["print", "uint"],
      'print: "uint" is none of man, bash, zsh, fish, unit, environment, config, ' +
      `${RULE_PACK.slice(0, -1).join(", ")} or ${RULE_PACK.at(-1)}; did you mean "unit"?`,
    ],
    [["print", "man", "bash"], `Unexpected argument "bash" after "print" ${help}`],
    [["chekc"], `Unknown command "chekc": did you mean "check"? ${help}`],
    [["install"], `Unknown command "install" ${help}`],
    [[""], `Unknown command "" ${help}`],
    [["-"], `Unknown command "-" ${help}`],
    [["--", "--output=json"], `Unknown command "--output=json" ${help}`],
    [["run", "check"], `Unexpected argument "check" after "run" ${help}`],
    [["version", "x"], `Unexpected argument "x" after "version" ${help}`],
  ]);
});

Deno.test("parseCommandLine() refuses flags that are not complete", () => {
  refuses([
    [
      ["--poll.interval"],
      "--poll.interval: the value is missing; " +
      "write --poll.interval=DURATION, such as --poll.interval=1s",
    ],
    [["--filter.uid", "--output=json"], "--filter.uid: the value is missing; write --filter.uid=N"],
    [["--filter.uid", "-5"], "--filter.uid: the value is missing; write --filter.uid=N"],
    [["--filter.uid="], "--filter.uid: the value is empty; write --filter.uid=N"],
    [["--filter.uid", ""], "--filter.uid: the value is empty; write --filter.uid=N"],
    [["--output=json", "--output=text"], "--output: is given more than once; give it once"],
    [["--bpf.stats", "--bpf.stats"], "--bpf.stats: is given more than once; give it once"],
  ]);
});

Deno.test("parseCommandLine() gives a switch no value but true and false", () => {
  refuses([
    [["--bpf.stats=yes"], '--bpf.stats: takes true or false, not "yes"; --bpf.stats alone is true'],
    [["--bpf.stats="], '--bpf.stats: takes true or false, not ""; --bpf.stats alone is true'],
    [["--help=yes"], '--help: takes true or false, not "yes"; --help alone is true'],
    [
      ["--bpf.stats", "false"],
      'Unexpected argument "false" after --bpf.stats: write --bpf.stats=false',
    ],
    [["check", "--json", "true"], 'Unexpected argument "true" after --json: write --json=true'],
  ]);
});

Deno.test("parseCommandLine() refuses the options of another command", () => {
  refuses([
    [["--json"], '--json: belongs to "check", "run" does not take it (see ebpf-agent run --help)'],
    [
      ["check", "--events=exec"],
      '--events: belongs to "run", "check" does not take it ' +
      "(see ebpf-agent check --help)",
    ],
    [
      ["version", "--json"],
      '--json: belongs to "check", "version" does not take it ' +
      "(see ebpf-agent version --help)",
    ],
  ]);
});
