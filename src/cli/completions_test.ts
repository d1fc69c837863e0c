import { deepEqual } from "node:assert/strict";
import { bashCompletion, fishCompletion, zshCompletion } from "./completions.ts";

/** What is typed before the tab, and what stands there after it. */
type Case = readonly [typed: string, completed: string];

const ALIKE: readonly Case[] = [
  ["ebpf-agent --outp", "ebpf-agent --output="],
  ["ebpf-agent --output=j", "ebpf-agent --output=json "],
  ["ebpf-agent run --log.level=w", "ebpf-agent run --log.level=warn "],
  ["ebpf-agent --web.l", "ebpf-agent --web.listen-address="],
  ["ebpf-agent --web.listen-address=", "ebpf-agent --web.listen-address="],
  ["ebpf-agent --bpf.st", "ebpf-agent --bpf.stats "],
  ["ebpf-agent che", "ebpf-agent check "],
  ["ebpf-agent check --j", "ebpf-agent check --json "],
  ["ebpf-agent check --outp", "ebpf-agent check --outp"],
  ["ebpf-agent version --vers", "ebpf-agent version --version "],
  ["ebpf-agent check --config.f", "ebpf-agent check --config.file="],
  ["ebpf-agent --config.file=/proc/uptim", "ebpf-agent --config.file=/proc/uptime "],
  ["ebpf-agent record /proc/uptim", "ebpf-agent record /proc/uptime "],
  ["ebpf-agent record a --record.k", "ebpf-agent record a --record.keep="],
  ["ebpf-agent record a --poll.i", "ebpf-agent record a --poll.interval="],
  ["ebpf-agent test /proc/uptim", "ebpf-agent test /proc/uptime "],
  ["ebpf-agent test a /proc/uptim", "ebpf-agent test a /proc/uptime "],
  ["ebpf-agent print env", "ebpf-agent print environment "],
];

Deno.test("bashCompletion() completes commands, options and values in bash", async () => {
  const cases: readonly Case[] = [
    ...ALIKE,
    ["ebpf-agent --output j", "ebpf-agent --output json "],
    ["ebpf-agent --events=exec,cl", "ebpf-agent --events=exec,clone "],
  ];
  for (const breaks of ["", "COMP_WORDBREAKS=${COMP_WORDBREAKS//[=:]/}"]) {
    const shell = ["bash", "--noprofile", "--norc", "-i"];
    await completes(shell, `PS1= ${breaks}; source "$FOLDER/file"`, bashCompletion(), cases);
  }
});

Deno.test("zshCompletion() completes commands, options and values in zsh", async () => {
  const setUp = "PS1=; fpath=($FOLDER/_ $fpath); autoload -U compinit; compinit -D -u";
  const cases: readonly Case[] = [
    // zsh takes back a space or "=" of its own at the end, once the cursor moves away.
    ...ALIKE.map(([typed, completed]): Case => [
      typed,
      typed === completed ? completed : completed.replace(/[ =]$/, ""),
    ]),
    ["ebpf-agent --events=exec,cl", "ebpf-agent --events=exec,clone"],
  ];
  await completes(["zsh", "-f", "-i"], setUp, zshCompletion(), cases);
});

Deno.test("fishCompletion() completes commands, options and values in fish", async () => {
  const cases: readonly Case[] = [
    ...ALIKE.filter(([typed, completed]) => typed !== completed)
      .map(([typed, completed]): Case => [typed, completed.replace(/[ =]$/, "")]),
    ["ebpf-agent --output j", "ebpf-agent --output json"],
    ["ebpf-agent --events=exec,cl", "ebpf-agent --events=exec,clone"],
    ["ebpf-agent check --outp", ""],
    ["ebpf-agent --web.listen-address=", ""],
  ];
  const program = `source -
    for line in $argv
      echo "[$line]" (complete -C $line | string replace -r '\\t.*' '')
    end`;
  const fish = ["fish", "--no-config", "-c", program, ...cases.map(([typed]) => typed)];
  const shown = await outputOf(fish, fishCompletion());
  deepEqual(
    shown.trimEnd().split("\n"),
    cases.map(([typed, completed]) => `[${typed}] ${completed.split(" ").at(-1)}`.trimEnd()),
  );
});

/** Types each line and a tab into a shell that has a terminal of its own. */
async function completes(
  shell: readonly string[],
  setUp: string,
  file: string,
  cases: readonly Case[],
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "ebpf-agent-test-" });
  try {
    await Deno.mkdir(`${folder}/_`);
    await Deno.writeTextFile(`${folder}/file`, file);
    await Deno.writeTextFile(`${folder}/_/_ebpf-agent`, file);
    const lines = JSON.stringify([setUp, ...cases.map(([typed]) => typed)]);
    const shown = await outputOf(["python3", "-c", TYPIST, folder, ...shell], lines);
    deepEqual(JSON.parse(shown), cases.map(([, completed]) => completed));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function outputOf(command: readonly string[], input: string): Promise<string> {
  const [program = "", ...args] = command;
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped" }).spawn();
  const written = new Blob([input]).stream().pipeTo(child.stdin);
  const [{ stdout }] = await Promise.all([child.output(), written]);
  return new TextDecoder().decode(stdout);
}

/**
 * Types into a shell, and has it print the line that stands there after a tab: Ctrl+A and Ctrl+E
 * go to its ends, where `echo '<` and `>'` are written around it.
 */
const TYPIST = String.raw`
import fcntl, json, os, pty, re, select, struct, sys, termios
set_up, *lines = json.load(sys.stdin)
pid, terminal = pty.fork()
if pid == 0:
    os.environ.update(FOLDER=sys.argv[1], TERM="dumb", PATH=os.environ["PATH"], HOME=sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 500, 0, 0))
seen = ""
def wait_for(pattern):
    global seen
    while not (found := re.search(pattern, seen)):
        if not select.select([terminal], [], [], 10)[0]:
            sys.exit("waited in vain for " + pattern + ", saw " + repr(seen))
        seen += os.read(terminal, 4096).decode()
    seen = seen[found.end():]
    return found
def type(text):
    os.write(terminal, text.encode())
type(set_up + "; echo 're'ady\n")
wait_for(r"\nready\r\n")
completed = []
for line in lines:
    type(line + "\t\x01echo '<\x05>'\n")
    completed.append(wait_for(r"\n<(.*)>\r\n")[1])
print(json.dumps(completed))
type("exit\n")
`;
