/** The file behind an open in its JSON event: the path asked for, the one resolved to, the inode. @module */
import assert from "node:assert/strict";
import { Cut, Mark, NO_DESCRIPTOR, Road } from "../events/layout.gen.ts";
import { createJsonFormat } from "./json_lines.ts";
import { CLOCK, lineOf, openRecord } from "./record_fixture.ts";

const TASK = { pid: 1, tid: 2, ppid: 3, uid: 0, comm: "cat" };

interface OpenJson {
  readonly file: Readonly<Record<string, string>>;
  readonly ebpf_agent: Readonly<Record<string, unknown>>;
}

function parsed(open: Parameters<typeof openRecord>[1]): OpenJson {
  const line = lineOf(createJsonFormat(CLOCK), openRecord(TASK, open));
  return JSON.parse(new TextDecoder().decode(line));
}

Deno.test("createJsonFormat() has the resolved path, and what was asked for where it differs", () => {
  const { file, ebpf_agent } = parsed({
    path: "../etc/passwd",
    resolved: "/etc/passwd",
    device: 8 << 20 | 1,
    inode: [0, 42],
  });
  assert.deepEqual(file, { path: "/etc/passwd", inode: "42" });
  assert.deepEqual(ebpf_agent.requested, { path: "../etc/passwd" });
  assert.equal(ebpf_agent.device, "8:1");
  const same = parsed({ path: "/etc/passwd", resolved: "/etc/passwd" });
  assert.equal(same.ebpf_agent.requested, undefined);
  const neither = parsed({ path: "", resolved: "/etc/passwd", road: Road.ioUring });
  assert.equal(neither.ebpf_agent.requested, undefined);
  assert.equal(neither.ebpf_agent.via, "io_uring");
});

Deno.test("createJsonFormat() has the path asked for where none was resolved", () => {
  assert.deepEqual(parsed({ path: "/x", result: -2 }).file, { path: "/x" });
  assert.deepEqual(parsed({ path: "/dev/stdin", device: 14, inode: [0, 7] }).file, {
    path: "/dev/stdin",
    inode: "7",
  });
  assert.deepEqual(parsed({ path: "", device: 14, inode: [0, 7], road: Road.handle }).file, {
    inode: "7",
  });
});

Deno.test("createJsonFormat() writes inodes of 64 bits to the digit", () => {
  const inode = (high: number, low: number) =>
    parsed({ path: "/x", device: 1, inode: [high, low] }).file.inode;
  assert.equal(inode(2 ** 21 - 1, 2 ** 32 - 1), "9007199254740991");
  assert.equal(inode(2 ** 32 - 1, 2 ** 32 - 1), "18446744073709551615");
});

Deno.test("createJsonFormat() has the path as the process sees it, where it has another root", () => {
  const view = (rootSize: number, marks = 0) =>
    parsed({ path: "/passwd", resolved: "/srv/etc/passwd", rootSize, marks }).ebpf_agent;
  assert.deepEqual(view(8).process, { path: "/passwd" });
  assert.deepEqual(view(15).process, { path: "/" });
  assert.equal(view(0).process, undefined);
  assert.equal(view(8, Mark.outside).process, undefined);
  assert.equal(view(8, Mark.outside).outside_root, true);
});

Deno.test("createJsonFormat() marks deleted files and cut paths, and knows no descriptor", () => {
  const file = { path: "/a", resolved: "/b" };
  assert.equal(parsed({ ...file, marks: Mark.deleted }).ebpf_agent.deleted, true);
  assert.equal(parsed(file).ebpf_agent.deleted, undefined);
  assert.equal(parsed({ ...file, result: NO_DESCRIPTOR }).ebpf_agent.fd, undefined);
  const cut = (bits: number) => parsed({ ...file, cut: bits }).ebpf_agent.cut;
  assert.deepEqual(cut(Cut.path), ["file.path"]);
  assert.deepEqual(cut(Cut.requested), ["ebpf_agent.requested.path"]);
  assert.deepEqual(cut(Cut.path | Cut.requested), ["file.path", "ebpf_agent.requested.path"]);
});

Deno.test("createJsonFormat() marks files that have no name, which have the path asked for", () => {
  const pipe = { path: "/proc/self/fd/0", device: 14, inode: [0, 7] } as const;
  assert.equal(parsed({ ...pipe, marks: Mark.nameless }).ebpf_agent.nameless, true);
  assert.equal(parsed(pipe).ebpf_agent.nameless, undefined);
  const both = parsed({ ...pipe, marks: Mark.nameless, cut: Cut.requested });
  assert.deepEqual(both.file, { path: "/proc/self/fd/0", inode: "7" });
  assert.deepEqual(both.ebpf_agent.cut, ["file.path"]);
});

Deno.test("createJsonFormat() gives the bytes of paths that are not UTF-8, where each stands", () => {
  const invalid = Uint8Array.of(0x2f, 0xff);
  const { file, ebpf_agent } = parsed({
    path: invalid,
    resolved: Uint8Array.of(0x2f, 0x61, 0x2f, 0xff),
    rootSize: 2,
  });
  assert.equal(file.path, "/a/\ufffd");
  assert.deepEqual(ebpf_agent.raw, {
    file: { path: btoa("/a/\xff") },
    ebpf_agent: { requested: { path: btoa("/\xff") }, process: { path: btoa("/\xff") } },
  });
});
