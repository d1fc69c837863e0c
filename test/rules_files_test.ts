/** A rule about an exact path follows its file, whatever becomes of it, its names or its directory. @module */
import assert from "node:assert/strict";
import { Agent, type AgentOptions } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { output, until } from "./harness/process.ts";
import { matchesIn, writeRules } from "./harness/rules.ts";
import { SourceCopy } from "./harness/source_copy.ts";

/** What is done in the folder, and how many opens of the rule's file that is. */
type Step = readonly [what: string, script: string, opens: number];

/** Files, where the kernel's table of watched ones has 1,024 entries. */
const MORE_THAN_WATCHED = 1100;

const WATCHED: readonly Step[] = [
  ["read", "cat d/file", 1],
  ["read by another path", "cd d; cat ../d/./file", 1],
  ["read by a symbolic link", "ln -s d/file link; cat link", 1],
  ["read by a hard link", "ln d/file hard; cat hard; cat d/file", 2],
  ["replaced by renaming", "echo new >d/n; mv d/n d/file", 0],
  ["read after that", "cat d/file", 1],
  ["the old one by its hard link", "cat hard", 0],
  ["read by a new hard link", "ln d/file other; cat other", 1],
  ["moved away and read there", "mv d/file d/away; sleep 1.5; cat d/away; mv d/away d/file", 1],
  ["a directory renamed", "mv d e; sleep 1.5; cat e/file; mv e d", 1],
  ["another file of that name", "mkdir f; echo x >f/file; cat f/file", 0],
  ["removed", "rm d/file; cat $PWD/d/file || true", 1],
  ["made again", "echo x >d/file", 1],
  ["read then", "cat d/file", 1],
  [
    "replaced and read at once, often",
    "for i in $(seq 200); do echo $i >d/n; mv d/n d/file; cat d/file; done",
    200,
  ],
  ["by a bind mount", "mkdir m; unshare --mount sh -c 'mount --bind d m; cat m/file'", 1],
  [
    "hidden by a mount",
    "echo x >mine; unshare --mount sh -c 'mount --bind mine d/file; cat d/file'; rm mine",
    0,
  ],
];

kernelTest("a rule about a path matches its file by every name, and no other", async () => {
  await withFolder(async (folder) => {
    await output(["sh", "-c", `mkdir ${folder}/d; echo x >${folder}/d/file`]);
    await using agent = await startWith(folder, [`${folder}/d/file`]);
    for (const [what, script, opens] of WATCHED) {
      assert.equal(await opensDuring(agent, folder, script), opens, what);
    }
  });
});

kernelTest("a rule about a path whose directory is not there waits for it", async () => {
  await withFolder(async (folder) => {
    await using agent = await startWith(folder, [`${folder}/d/e/file`]);
    const steps: readonly Step[] = [
      ["not there", "cat $PWD/d/e/file || true", 1],
      ["made with its directories", "mkdir -p d/e; echo x >d/e/file; cat d/e/file", 2],
    ];
    for (const [what, script, opens] of steps) {
      assert.equal(await opensDuring(agent, folder, script), opens, what);
    }
    // From the next second on it is known by what it is.
    await until("the file is found by a hard link", async () => {
      const opens = await opensDuring(agent, folder, "ln -f d/e/file hard; cat hard");
      return opens === 1 ? true : undefined;
    });
    assert.equal(await opensDuring(agent, folder, "cat d/e/file"), 1);
    await output(["sh", "-c", `cd ${folder}; mv d/e old; mkdir d/e; echo x >d/e/file`]);
    await until("the new directory is found", async () => {
      return await opensDuring(agent, folder, "ln -f d/e/file hard; cat hard") === 1
        ? true
        : undefined;
    });
    assert.equal(await opensDuring(agent, folder, "cat old/file"), 0, "the old directory's");
  });
});

kernelTest("what happens on the way to a file is followed as it happens", async () => {
  await using copy = await SourceCopy.create();
  // Looks by itself too seldom to find anything.
  await copy.replace("src/counters/polls.ts", "LOOK_MS = 1000;", "LOOK_MS = 3_600_000;");
  await withFolder(async (folder) => {
    await output(["sh", "-c", `cd ${folder}; mkdir -p a/b; echo x >a/b/file; echo x >other`]);
    await using agent = await startWith(folder, [`${folder}/a/b/file`], { root: copy.root });
    const changes: readonly (readonly [what: string, script: string])[] = [
      ["another file by a hard link", "ln other new; mv new a/b/file"],
      ["its directory is another one", "mkdir n; cp other n/file; mv a/b old; mv n a/b"],
      ["the directory above is another one", "mkdir -p m/b; cp other m/b/file; mv a older; mv m a"],
      ["its directories are gone", "rm -r a"],
      ["it is there again", "mkdir -p a/b; cp other a/b/file"],
    ];
    for (const [what, script] of changes) {
      await output(["sh", "-c", `cd ${folder}; ${script}`]);
      if (what.endsWith("gone")) continue;
      await until(what, async () => {
        const opens = await opensDuring(agent, folder, "ln -f a/b/file hard; cat hard");
        return opens === 1 ? true : undefined;
      });
    }
  });
});

kernelTest(
  "what cannot be heard of is found by looking, however seldom counters are read",
  async () => {
    await withFolder(async (folder) => {
      await output([
        "sh",
        "-c",
        `cd ${folder}; mkdir -p a/b/c d; echo x >a/b/c/file; ln -s ../a/b/c d/`,
      ]);
      await using agent = await startWith(folder, [`${folder}/d/c/file`], {
        args: ["--poll.interval=1h"],
      });
      // In a folder that a link leads through.
      await output(["sh", "-c", `cd ${folder}/a; mv b old; mkdir -p b/c; echo x >b/c/file`]);
      await until("the new file is found", async () => {
        return await opensDuring(agent, folder, "cat a/b/c/file") === 1 ? true : undefined;
      });
    });
  },
);

kernelTest(
  "a rule about a path matches where the agent has another mount in its place",
  async () => {
    await withFolder(async (folder) => {
      await output(["sh", "-c", `cd ${folder}; mkdir -p d/e; echo x >d/file; echo x >d/e/file`]);
      // As systemd gives a service a /tmp of its own.
      const script = `mount -t tmpfs tmpfs ${folder}/d; exec "$@"`;
      await using agent = await startWith(folder, [`${folder}/d/file`, `${folder}/d/e/file`], {
        wrap: ["unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh"],
      });
      await output(["sh", "-c", `cd ${folder}/d; cat file e/file; ln -s file link; cat link`]);
      assert.deepEqual(matchesIn(await agent.metrics()), { rule0: 2, rule1: 1 });
    });
  },
);

kernelTest(
  "a rule about a link matches what it leads to, also when it leads elsewhere",
  async () => {
    await withFolder(async (folder) => {
      await output([
        "sh",
        "-c",
        `cd ${folder}; mkdir a b; echo a >a/one; echo b >b/two; ln -s a/one link`,
      ]);
      await using agent = await startWith(folder, [`${folder}/link`]);
      assert.equal(await opensDuring(agent, folder, "cat link a/one b/two"), 2);
      assert.equal(await opensDuring(agent, folder, "cp a/one a/n; mv a/n a/one; cat a/one"), 2);
      await output(["ln", "-sfn", "b/two", `${folder}/link`]);
      await until("the link's new end is found", async () => {
        return await opensDuring(agent, folder, "cat b/two") === 1 ? true : undefined;
      });
      assert.equal(await opensDuring(agent, folder, "cat link a/one"), 1);
    });
  },
);

kernelTest("files that are one are told for each of their paths", async () => {
  await withFolder(async (folder) => {
    await output(["sh", "-c", `cd ${folder}; echo x >one; ln one two; ln one three; ln one four`]);
    const paths = ["one", "two", "three"].map((name) => `${folder}/${name}`);
    await using agent = await startWith(folder, paths);
    await output(["cat", `${folder}/four`]);
    assert.deepEqual(matchesIn(await agent.metrics()), { rule0: 1, rule1: 1, rule2: 1 });
    await output(["cat", ...paths]);
    assert.deepEqual(matchesIn(await agent.metrics()), { rule0: 4, rule1: 4, rule2: 4 });
  });
});

kernelTest(
  "whoever owns two of the paths cannot have files forgotten by replacing them",
  async () => {
    await withFolder(async (folder) => {
      const at = (name: string) => `${folder}/${name}`;
      await output(["sh", "-c", `cd ${folder}; echo x >one; echo x >two`]);
      await using agent = await startWith(folder, [at("file"), at("one"), at("two")]);
      // What the kernel learns is all there is while the agent does not look.
      Deno.kill(agent.pid, "SIGSTOP");
      for (let i = 0; i < MORE_THAN_WATCHED; i++) {
        await Deno.writeTextFile(at("new"), "");
        await Deno.link(at("new"), at("other"));
        await Deno.rename(at("new"), at("one"));
        await Deno.rename(at("other"), at("two"));
        await Deno.readFile(at("one"));
        await Deno.readFile(at("two"));
      }
      await output(["sh", "-c", `cd ${folder}; echo x >file; ln file hard; cat hard`]);
      Deno.kill(agent.pid, "SIGCONT");
      // The second of two names tells of both.
      const expected = { rule0: 2, rule1: 2 * MORE_THAN_WATCHED, rule2: MORE_THAN_WATCHED };
      assert.deepEqual(matchesIn(await agent.metrics()), expected);
    });
  },
);

kernelTest("a directory is not taken for another of the same number", async () => {
  await withFolder(async (folder) => {
    await output(["sh", "-c", `mkdir ${folder}/d`]);
    const { ino } = await Deno.stat(`${folder}/d`);
    await using agent = await startWith(folder, [`${folder}/d/file`]);
    // It would hear that the directory is another one.
    Deno.kill(agent.pid, "SIGSTOP");
    // A filesystem that gives no number again, as tmpfs, shows less.
    const made = `mkdir e; [ $(stat -c %i e) != ${ino} ] || break; mv e $i`;
    const script = `rmdir d; for i in $(seq 50); do ${made}; done; mkdir -p e`;
    await output(["sh", "-c", `cd ${folder}; ${script}; echo x >e/file; cat e/file`]);
    Deno.kill(agent.pid, "SIGCONT");
    assert.deepEqual(matchesIn(await agent.metrics()), { rule0: 0 });
    await output(["sh", "-c", `cd ${folder}; rm -r e; mkdir d; echo x >d/file`]);
    await until("the new directory is found", async () => {
      return await opensDuring(agent, folder, "cat d/file") === 1 ? true : undefined;
    });
  });
});

kernelTest("the agent opens nothing while nothing changes", async () => {
  await withFolder(async (folder) => {
    await output(["sh", "-c", `mkdir ${folder}/d; echo x >${folder}/d/file`]);
    await using agent = await startWith(folder, [`${folder}/d/file`, `${folder}/e/absent`]);
    const trace = `${folder}/trace`;
    const calls = "trace=open,openat,openat2";
    await output([
      "sh",
      "-c",
      `timeout 3 strace -f -qq -e ${calls} -o ${trace} -p ${agent.pid} || test $? = 124`,
    ]);
    // What else it opens, Deno does for itself.
    const opens = (await Deno.readTextFile(trace)).split("\n");
    assert.deepEqual(opens.filter((line) => /O_PATH|passwd|d\/file|e\/absent/.test(line)), []);
  });
});

/** An agent with a rule about each path. */
async function startWith(
  folder: string,
  paths: readonly string[],
  options: Pick<AgentOptions, "args" | "wrap" | "root"> = {},
): Promise<Agent> {
  const config = `${folder}/config.yaml`;
  const rules = paths.map((path, n) => [`rule${n}`, { on: "open", path }]);
  await writeRules(config, Object.fromEntries(rules));
  const args = [`--config.file=${config}`, "--output=none", ...(options.args ?? [])];
  return await Agent.start({ ...options, args });
}

async function opensDuring(agent: Agent, folder: string, script: string): Promise<number> {
  const count = async () => matchesIn(await agent.metrics())["rule0"] ?? 0;
  const before = await count();
  await output(["sh", "-c", `set -e; cd ${folder}; { ${script}; } >&2`]);
  return await count() - before;
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rules-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
