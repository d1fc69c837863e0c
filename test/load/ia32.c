// SPDX-License-Identifier: MIT
/*
 * 32-bit system calls from a 64-bit program. Their numbers mean something else to 64-bit programs:
 * whoever does not look which kind a call is sees opens, execs and changes of user that never were.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "load.h"

#ifdef __x86_64__

#define NOBODY 65534

enum ia32 {
	IA32_FORK = 2, /* 64-bit: open */
	IA32_OPEN = 5,
	IA32_CREAT = 8,
	IA32_EXECVE = 11,
	IA32_OLDUNAME = 59, /* 64-bit: execve */
	IA32_READLINK = 85, /* 64-bit: creat */
	IA32_GETITIMER = 105, /* 64-bit: setuid */
	IA32_SETRESUID = 208,
	IA32_REMAP_FILE_PAGES = 257, /* 64-bit: openat */
	IA32_OPENAT = 295,
	IA32_TIMERFD_CREATE = 322, /* 64-bit: execveat */
	IA32_EXECVEAT = 358,
	IA32_OPENAT2 = 437, /* 64-bit: the same */
};

/* Below 4 GiB, where a 32-bit call can point to. */
static struct low {
	char absolute[4096];
	char relative[16];
	char missing[16];
	char buffer[4096];
	struct open_how how;
} * low;

static uint32_t address(const void *pointer)
{
	return (uint32_t)(uintptr_t)pointer;
}

static long call(enum ia32 number, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth)
{
	register long si asm("rsi") = fourth;
	register long di asm("rdi") = 0;
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"((long)number), "b"((long)first), "c"((long)second), "d"((long)third),
		       "r"(si), "r"(di)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int32_t)result;
}

static void prepare(void)
{
	low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		die("mmap below 4 GiB");
	strcpy(low->absolute, in_folder("file"));
	strcpy(low->relative, "file");
	strcpy(low->missing, "missing");
}

static void phantoms(const char *value)
{
	pid_t child;

	(void)value;
	prepare();
	call(IA32_READLINK, address(low->absolute), address(low->buffer), 100, 0);
	call(IA32_REMAP_FILE_PAGES, -100, address(low->absolute), 0, 0);
	call(IA32_OLDUNAME, address(low->buffer), 0, 0, 0);
	call(IA32_TIMERFD_CREATE, 1, address(low->buffer), 0, 0);
	call(IA32_GETITIMER, 0, address(low->buffer), 0, 0);
	child = (pid_t)call(IA32_FORK, address(low->absolute), 0, 0, 0);
	if (child == 0)
		_exit(0);
	report_clone(child, child, 0);
	wait_for(child);
}

static void real_opens(void)
{
	long result = call(IA32_OPEN, address(low->absolute), O_RDONLY, 0, 0);

	report_open(low->absolute, O_RDONLY, result);
	close((int)result);
	result = call(IA32_CREAT, address(low->relative), 0600, 0, 0);
	report_open(low->relative, O_CREAT | O_WRONLY | O_TRUNC, result);
	close((int)result);
	result = call(IA32_OPENAT, AT_FDCWD, address(low->relative), O_RDWR, 0);
	report_open(low->relative, O_RDWR, result);
	close((int)result);
	low->how.flags = O_RDONLY | O_CLOEXEC;
	result = call(IA32_OPENAT2, AT_FDCWD, address(low->missing), address(&low->how),
		      sizeof(low->how));
	report_open(low->missing, low->how.flags, result);
}

static void real_change_of_user(void)
{
	pid_t child = reported_fork();

	if (child == 0) {
		if (call(IA32_SETRESUID, -1, NOBODY, -1, 0) < 0)
			die("32-bit setresuid");
		report_user_change(0, NOBODY);
		_exit(0);
	}
	wait_for(child);
}

static void real(const char *value)
{
	(void)value;
	prepare();
	real_opens();
	report_failed_exec(low->missing, (int)-call(IA32_EXECVE, address(low->missing), 0, 0, 0));
	report_failed_exec(low->missing,
			   (int)-call(IA32_EXECVEAT, AT_FDCWD, address(low->missing), 0, 0));
	real_change_of_user();
}

const struct operation ia32_operations[] = {
	{ "ia32-phantoms", phantoms },
	{ "ia32-real", real },
	{ NULL, NULL },
};

#else

const struct operation ia32_operations[] = { { NULL, NULL } };

#endif
