/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Everything that the kernel's side and user space both lay out in memory: event records, map
 * values, settings. src/events/layout.gen.ts is generated from this file's BTF in the object.
 *
 * Perf buffer payloads start at 4 mod 8, so records hold 32-bit fields and bytes only; a 64-bit
 * value is a low and a high half. Variable bytes follow the fixed part without padding.
 */
#ifndef EBPF_AGENT_H
#define EBPF_AGENT_H

enum limit {
	COMM_SIZE = 16,
	PATH_SIZE = 4096, /* the kernel's PATH_MAX, terminating NUL included */
	ARGS_SIZE = 16384, /* bytes of arguments delivered; what is longer is cut */
	NO_DESCRIPTOR = 0x7fffffff, /* a file was opened, by a hook that does not tell where */
	ANCESTORS = 5, /* processes above the one that acts that are told */
	TTY_SIZE = 16,
	RULES = 64, /* bits of a mask */
	RULE_ENTRIES = 512, /* that each table of a rule set has room for */
	PREFIX_SIZE = 252, /* bytes of a path that are compared with prefixes */
	SUFFIX_SIZE = 64, /* bytes of its end that are compared with suffixes */
	NAME_SIZE = 256, /* exact paths and names are shorter */
	RULE_BUCKETS = 1024,
};

enum event_kind {
	EVENT_EXEC,
	EVENT_CLONE,
	EVENT_OPEN,
	EVENT_PRIVILEGE,
	EVENT_KINDS,
	EVENT_ORIGIN = 8, /* a bit besides the kind: the record starts with a struct origin */
};

/* What was longer than its record has room for. */
enum cut {
	CUT_PATH = 1, /* the resolved path of the file, or of the program; its head is missing */
	CUT_REQUESTED = 2, /* the path that was asked for */
	CUT_ARGS = 4,
};

/* How an open was asked for. */
enum road {
	ROAD_SYSCALL, /* open, openat, openat2, creat */
	ROAD_IO_URING,
	ROAD_HANDLE, /* open_by_handle_at */
};

/* What a resolved path does not tell. */
enum mark {
	MARK_DELETED = 1, /* the file is no longer there under that name */
	MARK_OUTSIDE = 2, /* the file does not lie below the root directory of the process */
	MARK_CREATED = 4, /* this open made the file */
	MARK_NAMELESS = 8, /* there is no path: a pipe, a memfd and the like have no name */
};

struct event_header {
	__u32 kind; /* enum event_kind */
	__u32 size; /* of the whole record in bytes, without the transport's padding */
	__u32 time_low; /* CLOCK_BOOTTIME in nanoseconds */
	__u32 time_high;
	__u32 pid; /* process (tgid); ids are those of the initial namespace */
	__u32 tid;
	__u32 ppid;
	__u32 uid; /* effective, in the initial user namespace */
	__u8 comm[COMM_SIZE];
};

/*
 * Stands before the event in every record of an exec or a change of user, and of what a rule
 * matched. The first four words are where an event_header has them, so that reading a ring needs not
 * know which of the two a record starts with.
 */
struct origin {
	__u32 kind; /* EVENT_ORIGIN | enum event_kind */
	__u32 size; /* of the whole record, with this */
	__u32 time_low;
	__u32 time_high;
	__u32 rule_set; /* number of the set whose rules these are */
	__u32 rules_low; /* bit n: rule n of that set matched */
	__u32 rules_high;
	__u32 login_uid; /* who logged in, in the initial user namespace; all bits set for nobody */
	__u32 login_session; /* of the audit system; all bits set for none */
	__u32 session_leader; /* pid */
	__u32 container; /* 1: in a process namespace other than the initial one */
	__u32 tty_major; /* of the controlling terminal */
	__u32 tty_minor;
	/* Parent first. Those behind pid 1 mean nothing; what the kernel started itself ends at 0. */
	__u32 ancestor_pid[ANCESTORS];
	__u8 tty[TTY_SIZE]; /* as the kernel has it: pts3 for /dev/pts/3; empty where there is none */
	__u8 ancestor_comm[ANCESTORS][COMM_SIZE];
};

/* execve and execveat, also those that failed. Bytes: executable, requested, args. */
struct exec_event {
	struct event_header header;
	__s32 error; /* 0, or the negative errno of an attempt that failed */
	__u32 cut; /* enum cut */
	__u32 args_count; /* as passed, also where args are cut; 0 where the kernel does not tell */
	__u32 executable_size; /* path of the program really run; 0 for a failed attempt */
	__u32 requested_size; /* path asked for */
	__u32 args_size; /* NUL-terminated arguments, one after the other */
	__u32 real_uid; /* who runs it, where the header's uid is whose rights it has */
	__u8 previous_comm[COMM_SIZE]; /* empty where the kernel does not tell */
	__u8 bytes[];
};

/* A process or thread was created; the header tells of its creator. */
struct clone_event {
	struct event_header header;
	__u32 child_pid;
	__u32 child_tid;
	__u32 flags_low; /* CLONE_* */
	__u32 flags_high;
};

/* An attempt to open a file. Bytes: the path asked for, then the one it was resolved to. */
struct open_event {
	struct event_header header;
	__s32 result; /* a descriptor, NO_DESCRIPTOR, or the negative errno */
	__u32 flags; /* O_* */
	__u32 road; /* enum road */
	__u32 cut; /* enum cut */
	__u32 marks; /* enum mark */
	__u32 device; /* the kernel's s_dev: major << 20 | minor; this and the inode 0 for a failure */
	__u32 inode_low;
	__u32 inode_high;
	__u32 requested_size; /* 0 where there is none, or the hook does not tell */
	__u32 path_size; /* 0 for a failure, a file without a path, or where nobody asked */
	__u32 root_size; /* how much of the path lies above the root directory of the process */
	__u8 bytes[];
};

/* A task's effective user changed; the header's uid is the new one. */
struct privilege_event {
	struct event_header header;
	__u32 old_uid;
	__u32 new_uid;
};

/*
 * One CPU's counters of one kind of event: seen = filtered + submitted + lost. Each is counted on
 * its own. What became of an event stands before seen, so that a copy taken while a program runs
 * never shows more outcomes than events.
 */
struct event_counters {
	__u64 filtered; /* nobody asked for it */
	__u64 submitted; /* written to the ring */
	__u64 lost; /* the ring was full, or the CPU has none yet */
	__u64 seen;
};

struct counters {
	struct event_counters events[EVENT_KINDS];
	__u64 path_opens; /* those seen opens that asked for a path: all but open_by_handle_at */
	__u64 sudo; /* programs executed whose file, or the path asked for, is named sudo */
	/* Successful opens of the watched passwd file with read access, by who asked. */
	__u64 passwd_lookups; /* the C library's name service */
	__u64 passwd_direct; /* everybody else */
};

/* How records reach user space. */
enum transport {
	TRANSPORT_PERF, /* one perf buffer a CPU */
	TRANSPORT_RING, /* one BPF ring buffer, where perf_event_open is refused */
};

enum filter {
	FILTER_COMM = 1,
	FILTER_UID = 2,
	FILTER_PID = 4,
};

/* Set before the object is loaded; the verifier removes what they switch off. */
struct settings {
	__u32 deliver; /* bit 1 << kind: this kind leaves the kernel */
	__u32 filters; /* enum filter: which of the filter maps an event has to be in */
	__u32 args; /* 1: arguments of programs leave the kernel */
	__u32 paths; /* 1: opens tell the resolved path, which costs a third of the rest */
	__u32 transport; /* enum transport */
	__u32 at_btf_exit; /* bit 1 << kind: seen at the exit of system calls by tp_btf */
	__u32 at_raw_exit; /* the same, by raw_tp */
	__u32 rules; /* 1: what rules ask for leaves the kernel, also where `deliver` leaves it out */
	__u64 hash_seed; /* of names and paths: chosen at random, so that nobody can aim at one */
	__u64 hash_factor; /* odd, at random as well */
};

/*
 * Rules. What an event has is looked up in tables, one for each kind of condition, that give the
 * rules which name it. A rule matches where that holds for each of its conditions. There are two
 * slots, each a whole set of rules: one is in use while user space fills the other, and every key
 * begins with its slot, so that an event meets one set and nothing of the other.
 */

/* What conditions are about. */
enum rule_field {
	FIELD_PATH,
	FIELD_EXE,
	FIELD_COMM,
	FIELD_PARENT_COMM,
	FIELD_UID,
	FIELD_ACCESS,
	FIELD_OUTCOME,
	FIELD_CONTAINER,
	FIELD_COUNT,
};

/* How an event came out and what it asked for, as bits of one number. */
enum fact {
	FACT_FAILURE = 1,
	FACT_READ = 2,
	FACT_WRITE = 4,
	FACT_CREATE = 8,
};

/* What is counted beside the rules, by the same tables. */
enum builtin {
	BUILTIN_SUDO = 1,
	BUILTIN_PASSWD = 2,
};

/* Rules by bit: those of which an alternative is met, and those of which a negated one is. */
struct rule_bits {
	__u64 any;
	__u64 none;
};

/* One set of rules, of which both halves of each pair are about values that are few. */
struct rule_set {
	__u32 slot; /* 0 or 1 */
	__u32 number; /* counts up from one set to the next */
	__u32 fields; /* bit 1 << field: some rule has a condition about it */
	__u32 unused;
	__u64 kinds[EVENT_KINDS]; /* the rules about each kind of event */
	__u64 indifferent[FIELD_COUNT]; /* the rules with no positive condition about each field */
	struct rule_bits outcome[2]; /* success, failure */
	struct rule_bits access[3]; /* read, write, create */
	struct rule_bits container[2]; /* no, yes */
	/* Of path and exe: the rules that cannot be decided without the path as text, and why. */
	struct rule_bits by_text[2];
	__u64 by_prefix[2];
	__u64 by_suffix[2];
	__u64 by_whole[2]; /* a file in a directory that is not there */
	__u64 emit; /* rules whose events are delivered */
	__u64 limited; /* of these, those with a rate */
	__u32 rates[RULES]; /* events a second */
	/* Bit n: there are names, or exact paths, of n bytes. */
	__u64 name_lengths[4];
	__u64 path_lengths[4];
	/* By a hash of its length and first bytes: 1 where there may be such a name. */
	__u8 names[RULE_BUCKETS];
	/* By a hash of the inode number: 1 where a watched file may have it. Also set by the kernel. */
	__u8 inodes[RULE_BUCKETS];
};

struct rule_counter {
	__u64 matches;
	__u64 suppressed; /* matches that were not told because there were too many in that second */
};

/* One CPU's, of one slot. */
struct rule_counters {
	struct rule_counter rules[RULES];
};

/* Keys begin with a table's number where one map holds several: slot * 2 + the field, or which comm. */
struct rule_name_key {
	__u32 table;
	__u32 unused;
	__u64 hash;
};

struct rule_name_bits {
	struct rule_bits bits;
	__u32 builtin; /* enum builtin */
	__u32 unused;
};

struct rule_prefix_key {
	__u32 bits; /* of what follows */
	__u32 table;
	__u8 text[PREFIX_SIZE];
};

/* The text backwards. */
struct rule_suffix_key {
	__u32 bits;
	__u32 table;
	__u8 text[SUFFIX_SIZE];
};

struct rule_path_key {
	__u32 table;
	__u32 size;
	__u64 hash;
};

struct rule_path_bits {
	struct rule_bits bits;
	__u32 absent; /* 1: a file is told by the path, since its directory is not there, or not for all */
	__u32 unused;
};

struct rule_comm_key {
	__u32 table;
	__u8 comm[COMM_SIZE];
};

struct rule_uid_key {
	__u32 slot;
	__u32 uid;
};

/* What the kernel knows a file by, or a directory. */
struct file_identity {
	__u64 inode;
	__u64 device_generation; /* the device in the upper half */
};

/* An exact path: a name in a directory. Its value is an index of `watched`. */
struct watched_name_key {
	struct file_identity directory;
	__u64 hash; /* of the name */
	__u32 slot;
	__u32 unused;
};

/* The file that last stood under that name. */
struct watched_file_key {
	struct file_identity file;
	__u32 slot;
	__u32 unused;
};

/* By slot * RULE_ENTRIES + n. */
struct watched {
	struct file_identity file; /* that counts, of those that were learned */
	__u32 also; /* 1 + the index of another that the same file was learned for */
	__u32 builtin; /* enum builtin */
	struct rule_bits bits[2]; /* path, exe */
};

/* What the program `identify` found of a descriptor. */
struct identified {
	struct file_identity file;
	struct file_identity directory; /* that holds its name */
	__u64 hash; /* of its name */
	__u32 length; /* of its name */
	__u32 bucket; /* of its name, in rule_set.names */
};

/* How often a rule was told in a second. */
struct rule_second {
	__u64 second;
	__u64 told;
};

/* What both sides read and write in place. */
struct shared {
	__u32 own_pid; /* the agent, told by the program identify; it is never delivered or matched */
	__u32 slot; /* of the rules in use */
	__u32 awaited; /* how often the reader has asked to be woken at the next record */
	__u32 rung; /* the last of these requests that was met: while they differ, one is open */
	struct rule_set sets[2];
	struct watched watched[2 * RULE_ENTRIES];
	struct rule_second seconds[2][RULES];
	struct identified identified;
};

#endif
