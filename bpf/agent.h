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
};

enum event_kind {
	EVENT_EXEC,
	EVENT_CLONE,
	EVENT_OPEN,
	EVENT_PRIVILEGE,
	EVENT_KINDS,
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

/* execve and execveat, also those that failed. Bytes: executable, requested, args. */
struct exec_event {
	struct event_header header;
	__s32 error; /* 0, or the negative errno of an attempt that failed */
	__u32 cut; /* enum cut */
	__u32 args_count; /* as passed, also where args are cut; 0 where the kernel does not tell */
	__u32 executable_size; /* path of the program really run; 0 for a failed attempt */
	__u32 requested_size; /* path asked for */
	__u32 args_size; /* NUL-terminated arguments, one after the other */
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
	__u64 lost; /* the ring was full */
	__u64 seen;
};

struct counters {
	struct event_counters events[EVENT_KINDS];
	__u64 handle_opens; /* those seen opens that open_by_handle_at asked for */
	__u64 sudo; /* programs executed whose file, or the path asked for, is named sudo */
	__u64 passwd_reads; /* successful opens of the watched passwd file with read access */
	__u64 rung_ns; /* boot time at which this CPU last rang the doorbell */
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
	__u32 doorbell_ns; /* a CPU rings the doorbell at most this often */
	__u32 transport; /* enum transport */
	__u32 at_btf_exit; /* bit 1 << kind: seen at the exit of system calls by tp_btf */
	__u32 at_raw_exit; /* the same, by raw_tp */
};

#endif
