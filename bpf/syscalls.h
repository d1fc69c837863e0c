/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * System calls: which call a number means, and its arguments. The raw tracepoints tell 32-bit calls
 * with 32-bit numbers, so a 32-bit readlink (85) would pass for creat on x86: the mode decides.
 */
#ifndef EBPF_AGENT_SYSCALLS_H
#define EBPF_AGENT_SYSCALLS_H

enum call {
	CALL_OTHER,
	CALL_OPEN,
	CALL_CREAT,
	CALL_OPENAT,
	CALL_OPENAT2,
	CALL_OPEN_BY_HANDLE,
	CALL_EXECVE,
	CALL_EXECVEAT,
	CALL_SETUID, /* any of the calls that may change the effective user */
};

/* The first three arguments; the kernel leaves the registers as they were until the exit. */
struct call_args {
	u64 value[3];
};

/* Each says what a number means in either mode, and whether a 32-bit call is under way. */
#if defined(__TARGET_ARCH_x86)
#include "syscalls_x86.h"
#elif defined(__TARGET_ARCH_arm64)
#include "syscalls_arm64.h"
#else
#error "system call numbers are known for x86-64 and arm64 alone"
#endif

/* The mode is read only for numbers that matter in either: this runs at every system call. */
static __always_inline enum call call_of(u32 number)
{
	enum call in64 = call_64bit(number), in32 = call_32bit(number);

	if (in64 == in32)
		return in64;
	return in_32bit_call() ? in32 : in64;
}

static __always_inline bool is_open(enum call call)
{
	return call >= CALL_OPEN && call <= CALL_OPEN_BY_HANDLE;
}

static __always_inline bool is_exec(enum call call)
{
	return call == CALL_EXECVE || call == CALL_EXECVEAT;
}

static __always_inline bool may_change_user(enum call call)
{
	return call >= CALL_EXECVE;
}

/*
 * Classic tracepoints and kprobes give arguments at the entry and the result at the exit. A thread
 * is in one call at a time, so its id finds them again; a thread that dies in its call leaves an
 * entry, which is why the table forgets the oldest.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, struct call_args);
} entered SEC(".maps");

static __always_inline int remember_args(u64 first, u64 second, u64 third)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct call_args args = { { first, second, third } };

	bpf_map_update_elem(&entered, &tid, &args, BPF_ANY);
	return 0;
}

static __always_inline bool recall_args(struct call_args *args)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct call_args *found = bpf_map_lookup_elem(&entered, &tid);

	if (!found)
		return false;
	*args = *found;
	bpf_map_delete_elem(&entered, &tid);
	return true;
}

#endif
