/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* System calls on x86-64: their numbers in 64-bit and in 32-bit mode, and where arguments are. */
#ifndef EBPF_AGENT_SYSCALLS_X86_H
#define EBPF_AGENT_SYSCALLS_X86_H

#define TS_COMPAT 0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit call is under way */
#define X32_SYSCALL_BIT 0x40000000

#define O_LARGEFILE 0100000 /* the kernel adds it for every 64-bit program */

/* The field of struct pt_regs that holds a call's number. */
#define CALL_NUMBER orig_ax

static __always_inline bool in_32bit_call(void)
{
	return CURRENT(thread_info.status) & TS_COMPAT;
}

static __always_inline enum call call_64bit(u32 number)
{
	switch (number & ~X32_SYSCALL_BIT) {
	case 2:
		return CALL_OPEN;
	case 85:
		return CALL_CREAT;
	case 257:
		return CALL_OPENAT;
	case 437:
		return CALL_OPENAT2;
	case 304:
		return CALL_OPEN_BY_HANDLE;
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
	case 342:
		return CALL_OPEN_BY_HANDLE;
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

static __always_inline void read_args(struct call_args *args, struct pt_regs *regs)
{
	if (in_32bit_call()) {
		args->value[0] = (u32)READ(regs, bx);
		args->value[1] = (u32)READ(regs, cx);
		args->value[2] = (u32)READ(regs, dx);
	} else {
		args->value[0] = READ(regs, di);
		args->value[1] = READ(regs, si);
		args->value[2] = READ(regs, dx);
	}
}

#endif
