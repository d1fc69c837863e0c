/** Offsets and sizes in bytes of what the BPF programs write, and their constants.
 *
 * Generated from the BTF of bpf/agent.bpf.o (source: bpf/agent.h) by scripts/gen.ts: do not edit.
 * @module */

export const COMM_SIZE = 16;
export const PATH_SIZE = 4096;
export const ARGS_SIZE = 16384;
export const NO_DESCRIPTOR = 2147483647;

/** `enum event_kind` */
export const EventKindNumber = {
  exec: 0,
  clone: 1,
  open: 2,
  privilege: 3,
  kinds: 4,
} as const;

/** `enum cut` */
export const Cut = {
  path: 1,
  requested: 2,
  args: 4,
} as const;

/** `enum road` */
export const Road = {
  syscall: 0,
  ioUring: 1,
  handle: 2,
} as const;

/** `enum mark` */
export const Mark = {
  deleted: 1,
  outside: 2,
} as const;

/** `enum filter` */
export const Filter = {
  comm: 1,
  uid: 2,
  pid: 4,
} as const;

/** `enum transport` */
export const Transport = {
  perf: 0,
  ring: 1,
} as const;

/** `struct event_header` */
export const EventHeader = {
  byteSize: 48,
  kind: 0,
  size: 4,
  timeLow: 8,
  timeHigh: 12,
  pid: 16,
  tid: 20,
  ppid: 24,
  uid: 28,
  comm: 32,
} as const;

/** `struct exec_event` */
export const ExecEvent = {
  byteSize: 88,
  header: 0,
  error: 48,
  cut: 52,
  argsCount: 56,
  executableSize: 60,
  requestedSize: 64,
  argsSize: 68,
  previousComm: 72,
  bytes: 88,
} as const;

/** `struct clone_event` */
export const CloneEvent = {
  byteSize: 64,
  header: 0,
  childPid: 48,
  childTid: 52,
  flagsLow: 56,
  flagsHigh: 60,
} as const;

/** `struct open_event` */
export const OpenEvent = {
  byteSize: 92,
  header: 0,
  result: 48,
  flags: 52,
  road: 56,
  cut: 60,
  marks: 64,
  device: 68,
  inodeLow: 72,
  inodeHigh: 76,
  requestedSize: 80,
  pathSize: 84,
  rootSize: 88,
  bytes: 92,
} as const;

/** `struct privilege_event` */
export const PrivilegeEvent = {
  byteSize: 56,
  header: 0,
  oldUid: 48,
  newUid: 52,
} as const;

/** `struct event_counters` */
export const EventCounters = {
  byteSize: 32,
  filtered: 0,
  submitted: 8,
  lost: 16,
  seen: 24,
} as const;

/** `struct counters` */
export const Counters = {
  byteSize: 160,
  events: 0,
  handleOpens: 128,
  sudo: 136,
  passwdReads: 144,
  rungNs: 152,
} as const;

/** `struct settings` */
export const Settings = {
  byteSize: 32,
  deliver: 0,
  filters: 4,
  args: 8,
  paths: 12,
  doorbellNs: 16,
  transport: 20,
  atBtfExit: 24,
  atRawExit: 28,
} as const;
