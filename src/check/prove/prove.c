// SPDX-License-Identifier: MIT
/*
 * Makes one event of each kind, in every way that there is, for `ebpf-agent check` to see. Each is
 * made by a child with a name of its own (prove PREFIX names them PREFIX00, PREFIX01 ...), by which
 * its event is found again, and reported on stdout: the deed, the child's name, what the call
 * returned, and the signal that ended the child, or 0.
 *
 * Static, without a C library, and linked below 4 GiB: scripts/build_prove.sh.
 */
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/wait.h>
#include "calls.h"
#include "io_uring.h"
#include "report.h"

#define FILE "/dev/null"
#define NO_FILE "/dev/null/none"
#define SELF "/proc/self/exe"
#define NAME_SIZE 16
#define PATIENCE 5 /* seconds until a child that hangs is killed */
#define THREAD_FLAGS (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define NOBODY 65534

/* Numbers of 32-bit system calls. */
enum ia32 { FORK_32BIT = 2, OPEN_32BIT = 5, EXECVE_32BIT = 11, SETRESUID_32BIT = 208 };

/* The name of the child that is at work: its events and the programs it executes go by it. */
static char name[NAME_SIZE];

static long exec_self(void)
{
	const char *argv[] = { name, 0 };
	const char *none[] = { 0 };

	return call3(__NR_execve, (long)SELF, (long)argv, (long)none);
}

static long execveat_self(void)
{
	const char *argv[] = { name, 0 };
	const char *none[] = { 0 };
	long fd = call3(__NR_open, (long)SELF, O_PATH | O_CLOEXEC, 0);

	return fd < 0 ? fd
		      : call6(__NR_execveat, fd, (long)"", (long)argv, (long)none, AT_EMPTY_PATH, 0);
}

static long exec_failed(void)
{
	const char *none[] = { 0 };

	return call3(__NR_execve, (long)NO_FILE, (long)none, (long)none);
}

static long exec_32bit(void)
{
	return call_32bit(EXECVE_32BIT, (long)NO_FILE, 0, 0);
}

static long wait_for_child(long child)
{
	if (child > 0)
		call4(__NR_wait4, -1, 0, __WALL, 0);
	return child;
}

static long fork_task(void)
{
	return wait_for_child(create_task(__NR_fork, 0, 0));
}

static long vfork_task(void)
{
	return wait_for_child(create_task(__NR_vfork, 0, 0));
}

static long clone_task(void)
{
	return wait_for_child(create_task(__NR_clone, SIGCHLD, 0));
}

static long clone3_task(void)
{
	static struct clone_args args = { .exit_signal = SIGCHLD };

	return wait_for_child(create_task(__NR_clone3, (long)&args, sizeof(args)));
}

static long thread(void)
{
	return create_task(__NR_clone, THREAD_FLAGS, 0);
}

static long thread_untraced(void)
{
	return create_task(__NR_clone, THREAD_FLAGS | CLONE_UNTRACED, 0);
}

static long fork_32bit(void)
{
	long child = call_32bit(FORK_32BIT, 0, 0, 0);

	if (child == 0)
		exit_program(0);
	return wait_for_child(child);
}

static long open_file(void)
{
	return call3(__NR_open, (long)FILE, O_RDONLY, 0);
}

static long openat_file(void)
{
	return call4(__NR_openat, AT_FDCWD, (long)FILE, O_RDONLY, 0);
}

static long openat2_file(void)
{
	static struct open_how how = { .flags = O_RDONLY };

	return call4(__NR_openat2, AT_FDCWD, (long)FILE, (long)&how, sizeof(how));
}

static long creat_file(void)
{
	return call3(__NR_creat, (long)FILE, 0, 0);
}

static long open_failed(void)
{
	return call3(__NR_open, (long)NO_FILE, O_RDONLY, 0);
}

static long open_32bit(void)
{
	return call_32bit(OPEN_32BIT, (long)FILE, O_RDONLY, 0);
}

static long open_io_uring(void)
{
	return open_through_io_uring(AT_FDCWD, FILE, O_RDONLY);
}

/* In the first folder whose filesystem gives handles out, as overlayfs may not. Opens nothing else. */
static long open_by_handle(void)
{
	static const char *const folders[] = { "/", "/run", "/tmp", "/sys" };
	static struct {
		unsigned int size;
		int type;
		char bytes[128];
	} handle;
	static int mount;
	long result = 0;

	for (unsigned int i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		handle.size = sizeof(handle.bytes);
		call3(__NR_chdir, (long)folders[i], 0, 0);
		result = call6(__NR_name_to_handle_at, AT_FDCWD, (long)".", (long)&handle,
			       (long)&mount, 0, 0);
		if (result == 0)
			return call3(__NR_open_by_handle_at, AT_FDCWD, (long)&handle, O_RDONLY);
	}
	return result;
}

/* The kernel opens a file for it, and refuses this one, which is no program. */
static long use_library(void)
{
	return call3(__NR_uselib, (long)FILE, 0, 0);
}

static long other_user(void)
{
	return call3(__NR_geteuid, 0, 0, 0) == NOBODY ? NOBODY - 1 : NOBODY;
}

static long set_uid(void)
{
	return call3(__NR_setuid, other_user(), 0, 0);
}

static long set_reuid(void)
{
	return call3(__NR_setreuid, -1, other_user(), 0);
}

static long set_resuid(void)
{
	return call3(__NR_setresuid, -1, other_user(), -1);
}

static long set_uid_32bit(void)
{
	return call_32bit(SETRESUID_32BIT, -1, other_user(), -1);
}

/* The names are those of src/check/deeds.ts. */
static const struct deed {
	const char *name;
	long (*make)(void);
} deeds[] = {
	{ "exec", exec_self },
	{ "execveat", execveat_self },
	{ "exec_failed", exec_failed },
	{ "exec_32bit", exec_32bit },
	{ "fork", fork_task },
	{ "vfork", vfork_task },
	{ "clone", clone_task },
	{ "clone3", clone3_task },
	{ "thread", thread },
	{ "thread_untraced", thread_untraced },
	{ "fork_32bit", fork_32bit },
	{ "open", open_file },
	{ "openat", openat_file },
	{ "openat2", openat2_file },
	{ "creat", creat_file },
	{ "open_failed", open_failed },
	{ "open_32bit", open_32bit },
	{ "open_io_uring", open_io_uring },
	{ "open_by_handle_at", open_by_handle },
	{ "uselib", use_library },
	{ "setuid", set_uid },
	{ "setreuid", set_reuid },
	{ "setresuid", set_resuid },
	{ "setuid_32bit", set_uid_32bit },
};

/* PREFIX and two digits; what is longer than a task's name is cut. */
static void set_name(const char *prefix, unsigned int number)
{
	unsigned int at = 0;

	while (*prefix && at < NAME_SIZE - 3)
		name[at++] = *prefix++;
	name[at++] = (char)('0' + number / 10);
	name[at++] = (char)('0' + number % 10);
	name[at] = 0;
}

static void carry_out(const struct deed *deed, volatile long *result)
{
	int status = 0;
	long child;

	*result = 0; /* what a call returns that never returns, as exec */
	child = call3(__NR_fork, 0, 0, 0);
	if (child == 0) {
		call3(__NR_prctl, PR_SET_NAME, (long)name, 0);
		call3(__NR_alarm, PATIENCE, 0, 0);
		*result = deed->make();
		exit_program(0);
	}
	if (child < 0)
		*result = child;
	else
		call4(__NR_wait4, child, (long)&status, __WALL, 0);
	put(deed->name);
	put(" ");
	put(name);
	put(" ");
	put_number(*result);
	put(" ");
	put_number(status & 0x7f);
	put("\n");
}

/* Without a prefix this is what the deeds execute: it ends at once. */
__attribute__((used)) static void run(const long *stack)
{
	long shared;

	if (stack[0] < 2)
		exit_program(0);
	shared = call6(__NR_mmap, 0, sizeof(long), PROT_READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		       0);
	if (is_error((void *)shared))
		exit_program(1);
	for (unsigned int i = 0; i < sizeof(deeds) / sizeof(*deeds); i++) {
		set_name((const char *)stack[2], i);
		carry_out(&deeds[i], (long *)shared);
	}
	write_report();
	exit_program(0);
}

/* The kernel leaves the number of arguments and the arguments on the stack. */
asm(".globl _start\n"
    "_start:\n\t"
    "mov %rsp, %rdi\n\t"
    "and $-16, %rsp\n\t"
    "call run\n");
