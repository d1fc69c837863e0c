// SPDX-License-Identifier: MIT
/* Programs executed in every way there is; the executed generator reports what it was given. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

#define SELF "eagent-load"

static char *no_environment[] = { NULL };

static void execute(const char *path, char *const *argv)
{
	pid_t child = reported_fork();

	if (child == 0) {
		syscall(SYS_execve, path, argv, no_environment);
		die(path);
	}
	wait_for(child);
}

static void execute_at(int directory, const char *path, int flags)
{
	char *argv[] = { SELF, "noop", "execveat", NULL };
	pid_t child = reported_fork();

	if (child == 0) {
		syscall(SYS_execveat, directory, path, argv, no_environment, flags);
		die("execveat");
	}
	wait_for(child);
}

static int reported_open(const char *path, int flags)
{
	int descriptor = open(path, flags);

	report_open(path, flags, descriptor);
	return descriptor;
}

/* Of a copy in memory: it has no path that anybody could open. */
static void execute_memfd(void)
{
	int program = reported_open(in_folder(SELF), O_RDONLY);
	int copy = memfd_create(SELF, MFD_CLOEXEC);

	while (sendfile(copy, program, NULL, 1 << 20) > 0)
		;
	close(program);
	execute_at(copy, "", AT_EMPTY_PATH);
	close(copy);
}

static void execute_descriptor(void)
{
	int program = reported_open(in_folder(SELF), O_PATH | O_CLOEXEC);

	execute_at(program, "", AT_EMPTY_PATH);
	close(program);
}

/* 20 arguments of 10,000 bytes: no single one may pass 128 KB. */
static void execute_long(void)
{
	char *argv[23] = { SELF, "noop" };

	for (int i = 2; i < 22; i++) {
		argv[i] = malloc(10001);
		memset(argv[i], 'a' + i, 10000);
		argv[i][10000] = '\0';
	}
	execute(in_folder(SELF), argv);
}

static void *execute_in_thread(void *tid)
{
	char *argv[] = { SELF, "noop", "from a thread", NULL };

	*(volatile long *)tid = syscall(SYS_gettid);
	/* Its creator reports it before this one ends all threads. */
	while (*(volatile long *)tid)
		usleep(1000);
	execve(in_folder(SELF), argv, no_environment);
	die("execve");
}

static void execute_from_thread(void)
{
	pid_t child = reported_fork();
	volatile long tid = 0;
	pthread_t thread;

	if (child > 0) {
		wait_for(child);
		return;
	}
	if (pthread_create(&thread, NULL, execute_in_thread, (void *)&tid))
		die("pthread_create");
	while (!tid)
		usleep(1000);
	report_clone(getpid(), tid, 0x3d0f00);
	tid = 0;
	pthread_join(thread, NULL);
}

static void execute_vfork(void)
{
	char *argv[] = { SELF, "noop", "vfork", NULL };
	const char *path = in_folder(SELF);
	pid_t child = vfork();

	if (child == 0) {
		execve(path, argv, no_environment);
		_exit(1);
	}
	report_clone(child, child, CLONE_VFORK | CLONE_VM);
	wait_for(child);
}

static void refused(const char *name)
{
	char *argv[] = { SELF, "noop", NULL };
	const char *path = in_folder(name);

	syscall(SYS_execve, path, argv, no_environment);
	report_failed_exec(path, errno);
	syscall(SYS_execveat, AT_FDCWD, name, argv, no_environment, 0);
	report_failed_exec(name, errno);
}

static void execs(const char *value)
{
	char *spaces[] = { SELF, "noop", "two words", " ", "tab\there", NULL };
	char *empty_last[] = { SELF, "noop", "", "last", "", NULL };
	char *script[] = { "script", "argument of the script", NULL };

	(void)value;
	execute(in_folder(SELF), spaces);
	execute(in_folder(SELF), empty_last);
	execute("./" SELF, spaces);
	execute(in_folder("alias"), spaces);
	execute(in_folder("script"), script);
	execute_long();
	execute_descriptor();
	execute_memfd();
	execute_at(AT_FDCWD, SELF, 0);
	execute_from_thread();
	execute_vfork();
}

static void refused_execs(const char *value)
{
	(void)value;
	refused("missing");
	refused("file");
	refused("garbage");
	refused("file/beneath");
}

/* exec=HEX: the generator under any name, which is gone afterwards. */
static void exec_named(const char *value)
{
	const char *path = from_hex(value);
	char *argv[] = { (char *)path, "noop", (char *)path, NULL };

	if (link(SELF, path) < 0)
		die("link");
	execute(path, argv);
	unlink(path);
}

const struct operation exec_operations[] = {
	{ "execs", execs },
	{ "refused-execs", refused_execs },
	{ "exec", exec_named },
	{ NULL, NULL },
};
