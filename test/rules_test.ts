/** Each condition of a rule, and its negation, against what a generator did to the letter. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { denying } from "./harness/deny.ts";
import { encodeHex, encodeText } from "./harness/bytes.ts";
import { at, parseEvents } from "./harness/events.ts";
import { kernelTest } from "./harness/kernel.ts";
import { Load, LOAD_NAME, type Run } from "./harness/load.ts";
import { output } from "./harness/process.ts";
import { countDuring, NAME, OpenRules, OPENS, ownComm, setComm } from "./harness/rule_deeds.ts";
import { matchesIn, reload, suppressedIn, writeRules } from "./harness/rules.ts";

kernelTest("rules about opens match exactly what their conditions say", async () => {
  await using rules = await OpenRules.create();
  await using agent = await Agent.start({
    args: [`--config.file=${rules.config}`, "--output=none"],
  });
  assert.equal(await rules.assertExact(agent), 2);
});

kernelTest("rules match where all their conditions hold", async () => {
  await using load = await Load.create();
  const { folder } = load;
  const path = `${folder}/file`;
  const counted = await countDuring(
    {
      "two": { on: "open", comm: NAME, path, access: "write" },
      "one-negated": { on: "open", comm: NAME, path, not: { access: "write" } },
      "both-negated": { on: "open", comm: NAME, not: { path, access: "write" } },
      "one-field-twice": { on: "open", comm: NAME, path: `${folder}/**`, not: { path: "file" } },
      "other-name": { on: "open", comm: [`${NAME}x`, "nobody"], path },
      "not-other-name": { on: "open", path, not: { comm: [`${NAME}x`, "nobody"] } },
      "other-kind": { on: ["exec", "clone"], comm: NAME },
    },
    [],
    async () => {
      await load.run(setComm(NAME), ...OPENS(folder));
    },
  );
  assert.deepEqual(counted, {
    "two": 4,
    "one-negated": 3,
    "both-negated": 4,
    "one-field-twice": 4,
    "other-name": 0,
    "not-other-name": 7,
    "other-kind": 0,
  });
});

kernelTest("rules tell users and containers apart", async () => {
  await using load = await Load.create();
  const deed = `open=0:${encodeHex(encodeText("file"))}`;
  const generator = [`${load.folder}/${LOAD_NAME}`, load.folder, setComm(NAME), deed];
  const counted = await countDuring(
    {
      "root": { on: "open", comm: NAME, uid: 0 },
      "not-root": { on: "open", comm: NAME, not: { uid: 0 } },
      "nobody": { on: "open", comm: NAME, uid: 65534 },
      "inside": { on: "open", comm: NAME, container: true },
      "not-inside": { on: "open", comm: NAME, not: { container: true } },
    },
    [],
    async () => {
      await output(["setpriv", "--reuid=65534", "--clear-groups", ...generator]);
      await output(["unshare", "--pid", "--fork", ...generator]);
      await output(["unshare", "--pid", "--fork", ...generator]);
    },
  );
  assert.deepEqual(counted, { root: 2, "not-root": 1, nobody: 1, inside: 2, "not-inside": 1 });
});

kernelTest("rules about programs match what was executed, and what was asked for", async () => {
  await using load = await Load.create();
  const { folder } = load;
  const own = { on: "exec", "parent.comm": ownComm() };
  await Deno.symlink(LOAD_NAME, `${folder}/${NAME}`);
  const counted = await countDuring(
    {
      "exact": { ...own, path: `${folder}/${LOAD_NAME}` },
      "exact-by-link": { ...own, path: `${folder}/${NAME}` },
      "prefix": { ...own, path: `${folder}/**` },
      "suffix": { ...own, path: "*-load", exe: `${folder}/**` },
      "name-asked-for": { ...own, path: NAME },
      "name-of-file": { ...own, path: LOAD_NAME, exe: `${folder}/**` },
      "exe": { ...own, exe: `${folder}/${LOAD_NAME}` },
      "by-new-name": { ...own, comm: NAME.slice(0, 15), path: `${folder}/**` },
      "script": { ...own, path: "script" },
      "failed": { on: "exec", path: `${folder}/garbage`, outcome: "failure" },
      "failed-name": { on: "exec", path: "garbage", outcome: "failure" },
      "not-failed": { on: "exec", path: `${folder}/**`, not: { outcome: "failure" } },
    },
    [],
    async () => {
      await load.run();
      await output([`${folder}/${NAME}`, "noop"]);
      await output([`${folder}/script`]);
      await output(["sh", "-c", `exec 2>/dev/null; "$0" || true`, `${folder}/garbage`]);
    },
  );
  assert.deepEqual(counted, {
    "exact": 3,
    "exact-by-link": 3,
    "prefix": 3,
    "suffix": 3,
    "name-asked-for": 1,
    "name-of-file": 3,
    "exe": 3,
    "by-new-name": 1,
    "script": 1,
    "failed": 1,
    "failed-name": 1,
    "not-failed": 3,
  });
});

kernelTest("rules about processes and users match each of them", async () => {
  await using load = await Load.create();
  const exe = `${load.folder}/**`;
  let run: Run | undefined;
  const counted = await countDuring(
    {
      "clones": { on: "clone", exe },
      "not-clones": { on: "clone", exe, not: { exe: LOAD_NAME } },
      "changes": { on: "privilege", exe },
      "to-root": { on: "privilege", exe, uid: 0 },
      "from-root": { on: "privilege", exe, not: { uid: 0 } },
      "both": { on: ["clone", "privilege"], exe },
    },
    [],
    async () => {
      run = await load.run("clones", "users");
    },
  );
  const deeds = run?.deeds ?? [];
  const clones = deeds.filter(({ did }) => did === "fork").length;
  const users = deeds.flatMap((deed) => deed.did === "setuid" ? [deed.newUid] : []);
  const toRoot = users.filter((uid) => uid === 0).length;
  assert.ok(clones > 0 && users.length > toRoot && toRoot > 0);
  assert.deepEqual(counted, {
    "clones": clones,
    "not-clones": 0,
    "changes": users.length,
    "to-root": toRoot,
    "from-root": users.length - toRoot,
    "both": clones + users.length,
  });
});

kernelTest("an event is delivered for a rule, and tells of all that matched", async () => {
  await using load = await Load.create();
  const config = `${load.folder}/config.yaml`;
  const path = `${load.folder}/file`;
  await writeRules(config, {
    "told": { on: "open", path },
    "told-too": { on: "open", path: "file", comm: NAME },
    "counted": { on: "open", path, emit: false },
    "limited": { on: "open", path, rate: 3 },
    "elsewhere": { on: "open", path: `${path}s` },
  });
  await using agent = await Agent.start({
    args: [`--config.file=${config}`, "--events=none", "--output=json"],
    stdout: "collected",
  });
  await load.run(setComm(NAME), "burst=500");
  const metrics = await agent.metrics();
  const end = await agent.stop();
  const events = parseEvents(end.stdout);
  assert.equal(events.length, 500);
  const names = events.map((event) => (at(event, "rule.name") as readonly string[]).toSorted());
  for (const told of names) assert.deepEqual(told.slice(-2), ["told", "told-too"]);
  const limited = names.filter((told) => told.length === 3).length;
  assert.deepEqual(matchesIn(metrics), {
    "told": 500,
    "told-too": 500,
    "counted": 500,
    "limited": 500,
    "elsewhere": 0,
  });
  // A burst takes no second, but may begin shortly before the next.
  assert.ok(limited === 3 || limited === 6, `${limited}`);
  assert.equal(suppressedIn(metrics)["limited"], 500 - limited);
});

kernelTest(
  "rules that the kernel cannot match alone are named, at the start and by a reload",
  async () => {
    const folder = await Deno.makeTempDir({ prefix: "rules-" });
    try {
      const config = `${folder}/config.yaml`;
      const secret = { on: "exec", args: "--token" };
      await writeRules(config, { secret, "kernel": { on: "exec" } });
      // Without perf events there is nothing to attach to classic tracepoints with.
      const wrap = await denying("EPERM", "perf_event_open");
      const args = [`--config.file=${config}`, "--output=text", "--probe.open=tracepoint"];
      await using agent = await Agent.start({ args, wrap });
      assert.match(agent.stderr, /INFO +Matching args of rules in user space: .* rules=secret\n/);
      assert.doesNotMatch(agent.stderr, /Not matching rules/);
      await writeRules(config, { secret, "opens": { on: ["exec", "open"] } });
      await reload(agent);
      const { stderr } = await agent.stop();
      assert.match(stderr, /WARN +Not matching rules on open: .* rules=opens\n/);
      assert.equal(stderr.split("Matching args").length, 2, stderr);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
