/* SPDX-License-Identifier: MIT */
/* System calls without a C library, which would make calls of its own and be a hundred times larger. */
#ifndef PROVE_CALLS_H
#define PROVE_CALLS_H

#ifndef __x86_64__
#error "system calls are written for x86-64 alone"
#endif

#include <asm/unistd.h>

static long call6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 asm("r10") = d;
	register long r8 asm("r8") = e;
	register long r9 asm("r9") = f;
	long result;

	asm volatile("syscall"
		     : "=a"(result)
		     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return result;
}

static long call4(long number, long a, long b, long c, long d)
{
	return call6(number, a, b, c, d, 0, 0);
}

static long call3(long number, long a, long b, long c)
{
	return call6(number, a, b, c, 0, 0, 0);
}

/* A call that creates a task, which ends at once: it may share this one's memory, stack included. */
static long create_task(long number, long a, long b)
{
	register long r10 asm("r10") = 0;
	register long r8 asm("r8") = 0;
	long result;

	asm volatile("syscall\n\t"
		     "test %%rax, %%rax\n\t"
		     "jnz 1f\n\t"
		     "mov %[exit], %%eax\n\t"
		     "xor %%edi, %%edi\n\t"
		     "syscall\n"
		     "1:"
		     : "=a"(result), "+D"(a)
		     : "a"(number), "S"(b), "d"(0), "r"(r10), "r"(r8), [exit] "i"(__NR_exit)
		     : "rcx", "r11", "memory", "cc");
	return result;
}

/* A call of a 32-bit program. What it points to lies below 4 GiB, as all of this program does. */
static long call_32bit(long number, long a, long b, long c)
{
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(number), "b"((unsigned int)a), "c"((unsigned int)b),
		       "d"((unsigned int)c), "S"(0L), "D"(0L)
		     : "r8", "r9", "r10", "r11", "memory");
	return (int)result;
}

static void exit_program(int status)
{
	for (;;)
		call3(__NR_exit_group, status, 0, 0);
}

#endif
