/** Offsets and sizes in bytes of what the BPF programs write, and their constants.
 *
 * Generated from the BTF of bpf/agent.bpf.o (source: bpf/agent.h) by scripts/gen.ts: do not edit.
 * @module */

export const COMM_SIZE = 16;
export const PATH_SIZE = 4096;
export const ARGS_SIZE = 16384;
export const NO_DESCRIPTOR = 2147483647;
export const ANCESTORS = 5;
export const TTY_SIZE = 16;
export const RULES = 64;
export const RULE_ENTRIES = 512;
export const PREFIX_SIZE = 252;
export const SUFFIX_SIZE = 64;
export const NAME_SIZE = 256;
export const RULE_BUCKETS = 1024;

/** `enum event_kind` */
export const EventKindNumber = {
  exec: 0,
  clone: 1,
  open: 2,
  privilege: 3,
  kinds: 4,
  origin: 8,
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
  created: 4,
  nameless: 8,
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

/** `enum rule_field` */
export const RuleField = {
  path: 0,
  exe: 1,
  comm: 2,
  parentComm: 3,
  uid: 4,
  access: 5,
  outcome: 6,
  container: 7,
  count: 8,
} as const;

/** `enum fact` */
export const Fact = {
  failure: 1,
  read: 2,
  write: 4,
  create: 8,
} as const;

/** `enum builtin` */
export const Builtin = {
  sudo: 1,
  passwd: 2,
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

/** `struct origin` */
export const Origin = {
  byteSize: 168,
  kind: 0,
  size: 4,
  timeLow: 8,
  timeHigh: 12,
  ruleSet: 16,
  rulesLow: 20,
  rulesHigh: 24,
  loginUid: 28,
  loginSession: 32,
  sessionLeader: 36,
  container: 40,
  ttyMajor: 44,
  ttyMinor: 48,
  ancestorPid: 52,
  tty: 72,
  ancestorComm: 88,
} as const;

/** `struct exec_event` */
export const ExecEvent = {
  byteSize: 92,
  header: 0,
  error: 48,
  cut: 52,
  argsCount: 56,
  executableSize: 60,
  requestedSize: 64,
  argsSize: 68,
  realUid: 72,
  previousComm: 76,
  bytes: 92,
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
  pathOpens: 128,
  sudo: 136,
  passwdLookups: 144,
  passwdDirect: 152,
} as const;

/** `struct settings` */
export const Settings = {
  byteSize: 48,
  deliver: 0,
  filters: 4,
  args: 8,
  paths: 12,
  transport: 16,
  atBtfExit: 20,
  atRawExit: 24,
  rules: 28,
  hashSeed: 32,
  hashFactor: 40,
} as const;

/** `struct rule_bits` */
export const RuleBits = {
  byteSize: 16,
  any: 0,
  none: 8,
} as const;

/** `struct rule_set` */
export const RuleSet = {
  byteSize: 2688,
  slot: 0,
  number: 4,
  fields: 8,
  unused: 12,
  kinds: 16,
  indifferent: 48,
  outcome: 112,
  access: 144,
  container: 192,
  byText: 224,
  byPrefix: 256,
  bySuffix: 272,
  byWhole: 288,
  emit: 304,
  limited: 312,
  rates: 320,
  nameLengths: 576,
  pathLengths: 608,
  names: 640,
  inodes: 1664,
} as const;

/** `struct rule_counter` */
export const RuleCounter = {
  byteSize: 16,
  matches: 0,
  suppressed: 8,
} as const;

/** `struct rule_counters` */
export const RuleCounters = {
  byteSize: 1024,
  rules: 0,
} as const;

/** `struct rule_name_key` */
export const RuleNameKey = {
  byteSize: 16,
  table: 0,
  unused: 4,
  hash: 8,
} as const;

/** `struct rule_name_bits` */
export const RuleNameBits = {
  byteSize: 24,
  bits: 0,
  builtin: 16,
  unused: 20,
} as const;

/** `struct rule_prefix_key` */
export const RulePrefixKey = {
  byteSize: 260,
  bits: 0,
  table: 4,
  text: 8,
} as const;

/** `struct rule_suffix_key` */
export const RuleSuffixKey = {
  byteSize: 72,
  bits: 0,
  table: 4,
  text: 8,
} as const;

/** `struct rule_path_key` */
export const RulePathKey = {
  byteSize: 16,
  table: 0,
  size: 4,
  hash: 8,
} as const;

/** `struct rule_path_bits` */
export const RulePathBits = {
  byteSize: 24,
  bits: 0,
  absent: 16,
  unused: 20,
} as const;

/** `struct rule_comm_key` */
export const RuleCommKey = {
  byteSize: 20,
  table: 0,
  comm: 4,
} as const;

/** `struct rule_uid_key` */
export const RuleUidKey = {
  byteSize: 8,
  slot: 0,
  uid: 4,
} as const;

/** `struct file_identity` */
export const FileIdentity = {
  byteSize: 16,
  inode: 0,
  deviceGeneration: 8,
} as const;

/** `struct watched_name_key` */
export const WatchedNameKey = {
  byteSize: 32,
  directory: 0,
  hash: 16,
  slot: 24,
  unused: 28,
} as const;

/** `struct watched_file_key` */
export const WatchedFileKey = {
  byteSize: 24,
  file: 0,
  slot: 16,
  unused: 20,
} as const;

/** `struct watched` */
export const Watched = {
  byteSize: 56,
  file: 0,
  also: 16,
  builtin: 20,
  bits: 24,
} as const;

/** `struct identified` */
export const Identified = {
  byteSize: 48,
  file: 0,
  directory: 16,
  hash: 32,
  length: 40,
  bucket: 44,
} as const;

/** `struct rule_second` */
export const RuleSecond = {
  byteSize: 16,
  second: 0,
  told: 8,
} as const;

/** `struct shared` */
export const Shared = {
  byteSize: 64832,
  ownPid: 0,
  slot: 4,
  awaited: 8,
  rung: 12,
  sets: 16,
  watched: 5392,
  seconds: 62736,
  identified: 64784,
} as const;
