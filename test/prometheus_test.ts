/** What others say of /metrics: promtool, Prometheus' own parser for OpenMetrics, and a Prometheus. @module */
import assert from "node:assert/strict";
import { Agent } from "./harness/agent.ts";
import { kernelTest } from "./harness/kernel.ts";
import { sample, samples } from "./harness/metrics.ts";
import { kill, output, run, until } from "./harness/process.ts";

const OPENMETRICS = "application/openmetrics-text; version=1.0.0";

kernelTest("promtool finds nothing in /metrics", async () => {
  await using agent = await Agent.start({ args: ["--output=text"] });
  for (const args of [[], ["--extended"]]) {
    const { code, stdout, stderr } = await run(["promtool", "check", "metrics", ...args], {
      stdin: await agent.metricsText(),
    });
    assert.equal(code, 0, stdout + stderr);
    assert.equal(stderr, "");
  }
});

kernelTest(
  "OpenMetrics is given where it is asked for, and parsed by another's parser",
  async () => {
    await using agent = await Agent.start({ args: ["--output=text"] });
    const response = await fetch(`${agent.url}/metrics`, { headers: { accept: OPENMETRICS } });
    assert.match(response.headers.get("content-type") ?? "", /^application\/openmetrics-text;/);
    const text = await response.text();
    assert.ok(text.endsWith("# EOF\n"));
    const parsed: Readonly<Record<string, number>> = JSON.parse(
      await output(["/usr/bin/python3", "-c", PARSER], { stdin: text }),
    );
    const plain = await agent.metrics();
    for (
      const name of [
        "sys_clone_calls_total",
        "sys_openat_calls_total",
        "ebpf_agent_ledger_balanced",
      ]
    ) {
      assert.equal(typeof parsed[name], "number", name);
    }
    assert.ok(sample(plain, "sys_openat_calls_total") >= (parsed["sys_openat_calls_total"] ?? NaN));
    assert.equal(
      response.headers.get("content-type")?.includes("version=1.0.0"),
      true,
      "OpenMetrics 1.0",
    );
  },
);

kernelTest("the text format is given to whoever asks for nothing", async () => {
  await using agent = await Agent.start();
  const response = await fetch(`${agent.url}/metrics`);
  await response.body?.cancel();
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
});

kernelTest("--bpf.stats adds how often and how long programs ran", async () => {
  for (const args of [[], ["--bpf.stats"]]) {
    await using agent = await Agent.start({ args });
    const metrics = await agent.metrics();
    for (const name of ["runs_total", "run_seconds_total"]) {
      const programs = samples(metrics, `ebpf_agent_program_${name}`);
      assert.equal(
        programs.length > 0,
        args.length > 0,
        `${args.join(" ")}: ${programs.join(" ")}`,
      );
      const sum = programs.reduce((sum, [, value]) => sum + value, 0);
      assert.equal(sum > 0, args.length > 0, `${args.join(" ")}: ${programs.join(" ")}`);
    }
  }
});

kernelTest("the polls go on at the interval that was asked for", async () => {
  await using agent = await Agent.start({ args: ["--poll.interval=100ms"] });
  const lastPoll = async () =>
    sample(await agent.metrics(), "ebpf_agent_last_poll_timestamp_seconds");
  const first = await lastPoll();
  await until("the maps are polled again", async () => await lastPoll() > first ? true : undefined);
});

kernelTest("a Prometheus scrapes the agent, and its API gives the counters", async () => {
  await using agent = await Agent.start();
  const folder = await Deno.makeTempDir({ prefix: "prometheus-" });
  const api = `127.0.0.1:${freePort()}`;
  await Deno.writeTextFile(`${folder}/prometheus.yml`, configuration(agent.url));
  const prometheus = new Deno.Command("/usr/bin/prometheus", {
    args: [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=${api}`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const clones = await until("Prometheus has scraped twice", async () => {
      const scrapes = await query(api, 'count_over_time(up{job="agent"}[1m])');
      return scrapes >= 2 ? await query(api, "sys_clone_calls_total") : undefined;
    }, 30_000);
    assert.equal(await query(api, 'up{job="agent"}'), 1);
    assert.equal(await query(api, "ebpf_agent_ledger_balanced"), 1);
    const now = sample(await agent.metrics(), "sys_clone_calls_total");
    assert.ok(clones > 0 && clones <= now, `Prometheus has ${clones}, the agent ${now}`);
    const targets = await (await fetch(`http://${api}/api/v1/targets`)).json();
    assert.equal(targets.data.activeTargets[0].lastError, "");
  } finally {
    kill(prometheus, "SIGTERM");
    await prometheus.status;
    await Deno.remove(folder, { recursive: true });
  }
});

const PARSER = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
print(json.dumps({s.name: s.value for family in families for s in family.samples}))
`;

function configuration(url: string): string {
  return `global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: agent
    static_configs:
      - targets: ["${new URL(url).host}"]
`;
}

/** The value of an instant query with one result; NaN where there is none. */
async function query(api: string, expression: string): Promise<number> {
  try {
    const address = `http://${api}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { data } = await (await fetch(address)).json();
    return Number(data.result[0]?.value[1] ?? NaN);
  } catch {
    return NaN; // it is not there yet
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}
