// SPDX-License-Identifier: MIT
/* Ways to execute a program, which stops as soon as it runs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

static char *arguments[] = { "adversary", "stop", NULL };
static char *environment[] = { NULL };

#define SELF "/proc/self/exe"

/* It is still here: the program was not executed. */
static void failed(void)
{
	trip->error = errno;
}

static void by_execve(void)
{
	syscall(SYS_execve, SELF, arguments, environment);
	failed();
}

static void by_execveat(void)
{
	syscall(SYS_execveat, AT_FDCWD, SELF, arguments, environment, 0);
	failed();
}

static void by_descriptor(void)
{
	int program = open(SELF, O_PATH | O_CLOEXEC);

	syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH);
	failed();
}

/* A copy in memory, which has no path. */
static void in_memory(void)
{
	int program = open(SELF, O_RDONLY);
	int copy = memfd_create("adversary", MFD_CLOEXEC);

	while (sendfile(copy, program, NULL, 1 << 20) > 0)
		;
	syscall(SYS_execveat, copy, "", arguments, environment, AT_EMPTY_PATH);
	failed();
}

static void by_symbolic_link(void)
{
	if (symlink(SELF, "symbolic") < 0)
		die("symlink");
	execve("./symbolic", arguments, environment);
	failed();
}

static void by_script(void)
{
	int script = open("script", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);

	dprintf(script, "#!%s stop\n", program);
	close(script);
	execve("./script", arguments, environment);
	failed();
}

static void by_vfork(void)
{
	pid_t child = vfork();

	if (child == 0) {
		execve(SELF, arguments, environment);
		_exit(1);
	}
	trip->pid = child;
}

static void *execute(void *unused)
{
	execve(SELF, arguments, environment);
	failed();
	return unused;
}

static void by_thread(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, execute, NULL))
		die("pthread_create");
	pthread_join(thread, NULL);
}

static void not_there(void)
{
	execve(in_folder("missing"), arguments, environment);
	failed();
}

#ifdef __x86_64__
/* Its lists hold pointers of 32 bits. */
static void by_ia32(void)
{
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	uint32_t *argv;
	long result;

	if (low == MAP_FAILED)
		die("mmap below 4 GiB");
	strcpy(low, SELF);
	strcpy(low + 64, "adversary");
	strcpy(low + 96, "stop");
	argv = (uint32_t *)(low + 128);
	argv[0] = (uint32_t)(uintptr_t)(low + 64);
	argv[1] = (uint32_t)(uintptr_t)(low + 96);
	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"(11L), "b"(low), "c"(argv), "d"(low + 256)
		     : "memory", "r8", "r9", "r10", "r11");
	errno = (int)-result;
	failed();
}
#endif

const struct road exec_roads[] = {
	{ "execve", by_execve },
	{ "execveat", by_execveat },
	{ "execveat of a descriptor", by_descriptor },
	{ "a program in memory", in_memory },
	{ "execve of a symbolic link", by_symbolic_link },
	{ "a script", by_script },
	{ "from a vfork", by_vfork },
	{ "from a second thread", by_thread },
	{ "execve that fails", not_there },
#ifdef __x86_64__
	{ "int $0x80, execve", by_ia32 },
#endif
	{ NULL, NULL },
};
