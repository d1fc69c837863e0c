/** The C library's table against its headers, and the calls that cannot be seen there. @module */
import assert from "node:assert/strict";
import { AgentError } from "../errors.ts";
import { differences, functionsOf } from "../libbpf/testing.ts";
import { countOnlineCpus, cString, LIBC_SYMBOLS, openLibc, pageSize } from "./libc.ts";

const HEADERS = [
  "errno.h",
  "fcntl.h",
  "poll.h",
  "signal.h",
  "stdio.h",
  "sys/epoll.h",
  "sys/eventfd.h",
  "sys/inotify.h",
  "sys/mman.h",
  "sys/resource.h",
  "sys/socket.h",
  "sys/stat.h",
  "time.h",
  "unistd.h",
];

Deno.test("LIBC_SYMBOLS agrees with the C library's headers", async () => {
  assert.deepEqual(differences(LIBC_SYMBOLS, await functionsOf(HEADERS)), []);
});

Deno.test("LIBC_SYMBOLS with a slip in it does not agree with the headers", async () => {
  const planted = { ...LIBC_SYMBOLS, read: { ...LIBC_SYMBOLS.read, result: "i32" } } as const;
  assert.deepEqual(differences(planted, await functionsOf(HEADERS)), ["read: result is long"]);
});

Deno.test("errno() tells why the call before it failed", () => {
  using libc = openLibc();
  for (const [path, errno] of [["/nowhere/at/all", 2], ["/dev/null/below", 20]] as const) {
    assert.equal(libc.symbols.open(cString(path), 0), -1);
    assert.equal(libc.errno(), errno);
  }
});

Deno.test("countOnlineCpus() and pageSize() are what getconf tells", async () => {
  using libc = openLibc();
  const told = [pageSize(libc), countOnlineCpus(libc)];
  for (const [index, name] of ["PAGESIZE", "_NPROCESSORS_ONLN"].entries()) {
    const { stdout } = await new Deno.Command("getconf", { args: [name] }).output();
    assert.equal(told[index], Number(new TextDecoder().decode(stdout)), name);
  }
});

Deno.test("open() reads a file that is there", () => {
  using libc = openLibc();
  const fd = libc.symbols.open(cString("/proc/sys/kernel/ostype"), 0);
  const bytes = new Uint8Array(16);
  assert.equal(libc.symbols.read(fd, bytes, 16n), 6n);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, 6)), "Linux\n");
  assert.equal(libc.symbols.close(fd), 0);
});

Deno.test("epoll_wait() wakes when the descriptor becomes readable", async () => {
  using libc = openLibc();
  const { eventfd, epoll_create1, epoll_ctl, epoll_wait, write, close } = libc.symbols;
  const bell = eventfd(0, 0);
  const epoll = epoll_create1(0);
  const interest = new Uint8Array(16);
  interest[0] = 1; // EPOLLIN
  assert.equal(epoll_ctl(epoll, 1, bell, interest), 0);
  const woken = new Uint8Array(16);
  const waiting = epoll_wait(epoll, woken, 1, -1);
  assert.equal(write(bell, new BigUint64Array([1n]), 8n), 8n);
  assert.equal(await waiting, 1);
  assert.equal(woken[0], 1);
  close(epoll);
  close(bell);
});

Deno.test("openLibc() says what is needed where there is no glibc", () => {
  assert.throws(
    () => openLibc("libc.so.999"),
    (error) =>
      error instanceof AgentError && error.exitCode === 3 &&
      /^Cannot open the C library: libc\.so\.999: .*glibc/.test(error.message),
  );
});

Deno.test("cString() ends the text with a NUL and refuses one inside", () => {
  assert.deepEqual(cString("é"), new Uint8Array([0xc3, 0xa9, 0]));
  assert.throws(() => cString("a\0b"), TypeError);
});
