/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * System calls on arm64: their numbers in 64-bit mode, which has neither open nor creat, and in
 * 32-bit mode (arm's EABI), and where arguments are.
 */
#ifndef EBPF_AGENT_SYSCALLS_ARM64_H
#define EBPF_AGENT_SYSCALLS_ARM64_H

/*
 * arch/arm64/include/asm/mmu.h: the program is a 32-bit one. The thread flag TIF_32BIT says the
 * same, but its number is not the same in all kernels.
 */
#define MMCF_AARCH32 0x1

#define O_LARGEFILE 0400000 /* the kernel adds it for every 64-bit program */

/* The field of struct pt_regs that holds a call's number. */
#define CALL_NUMBER syscallno

static __always_inline bool in_32bit_call(void)
{
	return CURRENT(mm, context.flags) & MMCF_AARCH32;
}

static __always_inline enum call call_64bit(u32 number)
{
	switch (number) {
	case 56:
		return CALL_OPENAT;
	case 437:
		return CALL_OPENAT2;
	case 265:
		return CALL_OPEN_BY_HANDLE;
	case 221:
		return CALL_EXECVE;
	case 281:
		return CALL_EXECVEAT;
	case 146: /* setuid */
	case 145: /* setreuid */
	case 147: /* setresuid */
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
	case 322:
		return CALL_OPENAT;
	case 437:
		return CALL_OPENAT2;
	case 371:
		return CALL_OPEN_BY_HANDLE;
	case 11:
		return CALL_EXECVE;
	case 387:
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

/* The result is in the register of the first argument by then; the kernel keeps a copy of that. */
static __always_inline void read_args(struct call_args *args, struct pt_regs *regs)
{
	args->value[0] = READ(regs, orig_x0);
	args->value[1] = READ(regs, regs[1]);
	args->value[2] = READ(regs, regs[2]);
	if (in_32bit_call()) {
		args->value[0] = (u32)args->value[0];
		args->value[1] = (u32)args->value[1];
		args->value[2] = (u32)args->value[2];
	}
}

#endif
