import { deepEqual, equal } from "node:assert/strict";
import { differences, functionsOf } from "./libbpf/testing.ts";
import { activityStatus, logLayout, openNotifier, SYSTEMD_SYMBOLS } from "./systemd.ts";

Deno.test("SYSTEMD_SYMBOLS agrees with the C library's headers", async () => {
  const declared = await functionsOf(["sys/socket.h", "unistd.h"]);
  // For GNU programs a union of pointers to addresses, which is passed as one of them.
  const union = "sendto: parameter 5 is __CONST_SOCKADDR_ARG";
  const found = differences(SYSTEMD_SYMBOLS, declared).filter((line) => line !== union);
  deepEqual(found, []);
});

Deno.test("openNotifier() sends each state to the socket of NOTIFY_SOCKET", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ebpf-agent-test-" });
  for (const name of [`${folder}/notify`, `@ebpf-agent-test-${Deno.pid}`]) {
    await using manager = await Manager.listen(name);
    using notifier = openNotifier({ NOTIFY_SOCKET: name });
    notifier.ready("Watching exec events");
    notifier.status("1 events/s, 0 lost\nREADY=0");
    notifier.alive();
    notifier.reloading();
    notifier.stopping();
    deepEqual(await manager.receive(5), [
      "READY=1\nSTATUS=Watching exec events\n",
      "STATUS=1 events/s, 0 lost\\nREADY=0\n",
      "WATCHDOG=1\n",
      "RELOADING=1\n",
      "STOPPING=1\n",
    ]);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openNotifier() does not wait for a manager that is busy, and says ready again", async () => {
  await using manager = await Manager.listen(`@ebpf-agent-busy-${Deno.pid}`);
  using notifier = openNotifier({ NOTIFY_SOCKET: manager.name });
  const most = Number(await Deno.readTextFile("/proc/sys/net/unix/max_dgram_qlen")) + 1;
  for (let sent = 0; sent < most + 10; sent++) notifier.alive();
  notifier.ready("too early");
  notifier.status("also too early");
  deepEqual(await manager.receive(most), Array.from({ length: most }, () => "WATCHDOG=1\n"));
  notifier.alive();
  notifier.alive();
  deepEqual(await manager.receive(2), [
    "READY=1\nSTATUS=too early\nWATCHDOG=1\n",
    "WATCHDOG=1\n",
  ]);
});

Deno.test("openNotifier() does nothing where nobody listens", () => {
  for (const NOTIFY_SOCKET of [undefined, "", "@", "relative", "/nowhere", `/${"x".repeat(200)}`]) {
    using notifier = openNotifier({ NOTIFY_SOCKET, WATCHDOG_USEC: "30000000" });
    notifier.ready("");
    notifier.alive();
    notifier.stopping();
  }
});

Deno.test("openNotifier() does nothing once it is disposed of", async () => {
  await using manager = await Manager.listen(`@ebpf-agent-disposed-${Deno.pid}`);
  const notifier = openNotifier({ NOTIFY_SOCKET: manager.name });
  notifier.stopping();
  notifier[Symbol.dispose]();
  notifier.alive();
  notifier[Symbol.dispose]();
  deepEqual(await manager.receive(1), ["STOPPING=1\n"]);
});

Deno.test("openNotifier() tells the watchdog's time, where it watches this process", () => {
  const cases = [
    [{}, undefined],
    [{ WATCHDOG_USEC: "30000000" }, 30_000],
    [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: `${Deno.pid}` }, 30_000],
    [{ WATCHDOG_USEC: "30000000", WATCHDOG_PID: "1" }, undefined],
    [{ WATCHDOG_USEC: "0" }, undefined],
    [{ WATCHDOG_USEC: "soon" }, undefined],
  ] as const;
  for (const [environment, expected] of cases) {
    using notifier = openNotifier({ NOTIFY_SOCKET: "/nowhere", ...environment });
    equal(notifier.watchdogMs, expected);
  }
});

Deno.test("logLayout() is the journal's where stderr is what JOURNAL_STREAM names", async () => {
  const { stdout } = await new Deno.Command("stat", {
    args: ["-L", "-c", "%d:%i", `/proc/${Deno.pid}/fd/2`],
  }).output();
  const stderr = new TextDecoder().decode(stdout).trim();
  equal(logLayout("text", { JOURNAL_STREAM: stderr }), "journal");
  equal(logLayout("json", { JOURNAL_STREAM: stderr }), "json");
  for (const other of [undefined, "", `${stderr}0`, `1${stderr}`, "8:1", stderr.split(":")[0]]) {
    equal(logLayout("text", { JOURNAL_STREAM: other }), "text");
  }
});

Deno.test("activityStatus() groups digits", () => {
  equal(activityStatus(12_340.4, 0), "12,340 events/s, 0 lost");
  equal(activityStatus(0, 1_000_000), "0 events/s, 1,000,000 lost");
});

/** The other end of NOTIFY_SOCKET, in Python; it takes nothing before it is asked to. */
class Manager implements AsyncDisposable {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #asks: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #rest = "";

  private constructor(name: string, child: Deno.ChildProcess) {
    this.name = name;
    this.#child = child;
    this.#lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#asks = child.stdin.getWriter();
  }

  static async listen(name: string): Promise<Manager> {
    const program = `
import json, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.settimeout(10)
s.bind(sys.argv[1].replace("@", "\\0"))
print("listening", flush=True)
for count in sys.stdin:
    print(json.dumps([s.recv(4096).decode() for _ in range(int(count))]), flush=True)
`;
    const child = new Deno.Command("python3", {
      args: ["-c", program, name],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const manager = new Manager(name, child);
    equal(await manager.#line(), "listening");
    return manager;
  }

  /** The next datagrams; waits for as many. */
  async receive(count: number): Promise<readonly string[]> {
    await this.#asks.write(new TextEncoder().encode(`${count}\n`));
    return JSON.parse(await this.#line());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#asks.close();
    await this.#lines.cancel();
    await this.#child.status;
  }

  async #line(): Promise<string> {
    while (!this.#rest.includes("\n")) {
      const { value } = await this.#lines.read();
      if (value === undefined) throw new Error("The receiver ended");
      this.#rest += value;
    }
    const [line = "", ...rest] = this.#rest.split("\n");
    this.#rest = rest.join("\n");
    return line;
  }
}
