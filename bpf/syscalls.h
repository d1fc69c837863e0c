/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * System calls on x86-64: which call a number means, in 64-bit and in 32-bit mode, and where its
 * arguments are. The raw tracepoints tell 32-bit calls with 32-bit numbers, so a 32-bit readlink
 * (85) would pass for creat: the mode decides.
 */
#ifndef EBPF_AGENT_SYSCALLS_H
#define EBPF_AGENT_SYSCALLS_H

#ifndef __TARGET_ARCH_x86
#error "system call numbers are known for x86-64 alone"
#endif

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit call is under way */
#define X32_SYSCALL_BIT 0x40000000

enum call {
	CALL_OTHER,
	CALL_OPEN,
	CALL_CREAT,
	CALL_OPENAT,
	CALL_OPENAT2,
	CALL_EXECVE,
	CALL_EXECVEAT,
	CALL_SETUID, /* any of the calls that may change the effective user */
};

static __always_inline bool in_32bit_call(void)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
}

static __always_inline enum call call_64bit(u32 number)
{
	switch (number) {
	case 2:
		return CALL_OPEN;
	case 85:
		return CALL_CREAT;
	case 257:
		return CALL_OPENAT;
	case 437:
		return CALL_OPENAT2;
	case 59:
	case 520: /* x32 */
		return CALL_EXECVE;
	case 322:
	case 545: /* x32 */
		return CALL_EXECVEAT;
	case 105: /* setuid */
	case 113: /* setreuid */
	case 117: /* setresuid */
		return CALL_SETUID;
	}
	return CALL_OTHER;
}

static __always_inline enum call call_32bit(u32 number)
{
	switch (number) {
	case 5:
		return CALL_OPEN;
	case 8:
		return CALL_CREAT;
	case 295:
		return CALL_OPENAT;
	case 437:
		return CALL_OPENAT2;
	case 11:
		return CALL_EXECVE;
	case 358:
		return CALL_EXECVEAT;
	case 23: /* setuid16 */
	case 70: /* setreuid16 */
	case 164: /* setresuid16 */
	case 213: /* setuid */
	case 203: /* setreuid */
	case 208: /* setresuid */
		return CALL_SETUID;
	}
	return CALL_OTHER;
}

/* The mode is read only for numbers that matter in either: this runs at every system call. */
static __always_inline enum call call_of(u32 number)
{
	enum call in64, in32;

	number &= ~X32_SYSCALL_BIT;
	in64 = call_64bit(number);
	in32 = call_32bit(number);
	if (in64 == in32)
		return in64;
	return in_32bit_call() ? in32 : in64;
}

static __always_inline bool is_open(enum call call)
{
	return call >= CALL_OPEN && call <= CALL_OPENAT2;
}

static __always_inline bool is_exec(enum call call)
{
	return call == CALL_EXECVE || call == CALL_EXECVEAT;
}

static __always_inline bool may_change_user(enum call call)
{
	return call >= CALL_EXECVE;
}

/* The first three arguments; the kernel leaves the registers as they were until the exit. */
struct call_args {
	u64 value[3];
};

static __always_inline void read_args(struct call_args *args, struct pt_regs *regs)
{
	if (in_32bit_call()) {
		args->value[0] = (u32)BPF_CORE_READ(regs, bx);
		args->value[1] = (u32)BPF_CORE_READ(regs, cx);
		args->value[2] = (u32)BPF_CORE_READ(regs, dx);
	} else {
		args->value[0] = BPF_CORE_READ(regs, di);
		args->value[1] = BPF_CORE_READ(regs, si);
		args->value[2] = BPF_CORE_READ(regs, dx);
	}
}

/*
 * Classic tracepoints give arguments at the entry and the result at the exit. A thread is in one
 * call at a time, so its id finds them again; a thread that dies in its call leaves an entry, which
 * is why the table forgets the oldest.
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
