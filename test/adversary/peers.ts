/** Sends the adversary past other tools too, and writes who sees what into docs/coverage.md. @module */
import { DOCUMENT, table, withPart } from "../../scripts/coverage_doc.ts";
import { kill, output, sleep, until } from "../harness/process.ts";
import { type Account, readAccounts } from "./accounts.ts";
import { withGround } from "./ground.ts";
import { type PeerLine, readPeer, verdictOn } from "./peer_lines.ts";
import { chosenHook, compileAdversary, problems, survey } from "./survey.ts";
import { show } from "./verdict.ts";

interface Peer {
  readonly name: string;
  readonly package: string;
  readonly kind: "open" | "exec";
  readonly command: readonly string[];
}

/** With failed attempts, where they have to be asked for. */
const PEERS: readonly Peer[] = [
  {
    name: "opensnoop (libbpf-tools)",
    package: "libbpf-tools",
    kind: "open",
    command: ["/usr/sbin/opensnoop"],
  },
  {
    name: "opensnoop.bt (bpftrace)",
    package: "bpftrace",
    kind: "open",
    command: ["bpftrace", "-B", "line", "/usr/sbin/opensnoop.bt"],
  },
  {
    name: "execsnoop (libbpf-tools)",
    package: "libbpf-tools",
    kind: "exec",
    command: ["/usr/sbin/execsnoop", "-x"],
  },
  {
    name: "execsnoop.bt (bpftrace)",
    package: "bpftrace",
    kind: "exec",
    command: ["bpftrace", "-B", "line", "/usr/sbin/execsnoop.bt"],
  },
];

/** What a tool told of each road. */
type Column = readonly [name: string, cells: ReadonlyMap<string, string>];

/** What was done while a tool watched, and its lines. */
interface Watched {
  readonly accounts: readonly Account[];
  readonly lines: readonly PeerLine[];
}

async function columnOf(peer: Peer, program: string): Promise<Column> {
  const { accounts, lines } = await watch(peer, program);
  const own = accounts.filter(({ kind }) => kind === peer.kind);
  return [peer.name, new Map(own.map((account) => [account.road, verdictOn(account, lines)]))];
}

/** The agent's own column, as it is without being told which hook to take. */
async function ownColumns(program: string): Promise<readonly [open: Column, exec: Column]> {
  const hook = await chosenHook();
  const result = await withGround((ground) => survey(hook, program, ground));
  if (problems(result).length > 0) throw new Error(problems(result).join("\n"));
  const column = (kind: string): Column => {
    const own = result.cells.filter((cell) => cell.kind === kind);
    const texts = own.map(({ road, verdict }) =>
      [road, verdict.state === "resolved" ? "path" : show(verdict)] as const
    );
    return [`ebpf-agent (${hook})`, new Map(texts)];
  };
  return [column("open"), column("exec")];
}

async function watch({ command, kind }: Peer, program: string): Promise<Watched> {
  const folder = await Deno.makeTempDir({ prefix: "peers-" });
  // A buffer that is full too late would hide what comes last.
  const script = 'mount -t debugfs none /sys/kernel/debug; exec stdbuf -oL "$@" >"$0" 2>&1';
  const tool = new Deno.Command("unshare", {
    // Some look for tracepoints only where older kernels have them.
    args: ["--mount", "sh", "-c", script, `${folder}/output`, ...command],
  }).spawn();
  try {
    const told = () => Deno.readTextFile(`${folder}/output`).catch(() => "");
    await Deno.writeTextFile(`${folder}/watched`, "");
    await until(`${command.join(" ")} tells something`, async () => {
      await output(["cat", `${folder}/watched`]);
      await sleep(500);
      return (await told()).includes(`${folder}/watched`) || undefined;
    }, 30_000);
    const accounts = readAccounts(await output([program, folder, "watched"]));
    await sleep(DRAIN_MS);
    return { accounts, lines: readPeer(kind, await told()) };
  } finally {
    kill(tool, "SIGINT");
    await tool.status;
    await Deno.remove(folder, { recursive: true });
  }
}

/** The tools print with some delay. */
const DRAIN_MS = 3000;

function tableOf(columns: readonly Column[]): string {
  const roads = [...new Set(columns.flatMap(([, cells]) => [...cells.keys()]))];
  const rows = roads.map((
    road,
  ) => [road, ...columns.map(([, cells]) => cells.get(road) ?? "none")]);
  return table(["road", ...columns.map(([name]) => name)], rows);
}

async function versionOf(name: string): Promise<string> {
  return `${name} ${await output(["dpkg-query", "-Wf", "${Version}", name])}`;
}

if (import.meta.main) {
  const program = await compileAdversary();
  const [opens, execs] = await ownColumns(program);
  const columns: Column[] = [];
  for (const peer of PEERS) columns.push(await columnOf(peer, program));
  const versions = await Promise.all(["libbpf-tools", "bpftrace"].map(versionOf));
  const body = [
    `\nOn Linux ${Deno.osRelease()}, with Debian's ${versions.join(" and ")}.\n\n`,
    tableOf([opens, ...columns.slice(0, 2)]),
    "\n",
    tableOf([execs, ...columns.slice(2)]),
    "\n",
  ].join("");
  await Deno.writeTextFile(DOCUMENT, withPart(await Deno.readTextFile(DOCUMENT), "peers", body));
}
