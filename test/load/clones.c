// SPDX-License-Identifier: MIT
/* Processes and threads created in every way there is. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

/* What the C library asks for, without the signal. */
#define FORK_FLAGS (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID)
#define VFORK_FLAGS (CLONE_VFORK | CLONE_VM)
#define THREAD_FLAGS                                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* The child goes on once its creation is reported, so that reports stand in order. */
pid_t reported_fork(void)
{
	int reported[2];
	pid_t child;
	char byte;

	if (pipe(reported) < 0)
		die("pipe");
	child = fork();
	if (child < 0)
		die("fork");
	if (child > 0)
		report_clone(child, child, FORK_FLAGS);
	close(reported[1]);
	if (child == 0 && read(reported[0], &byte, 1) < 0)
		die("read");
	close(reported[0]);
	return child;
}

static void fork_once(void)
{
	pid_t child = reported_fork();

	if (child == 0)
		_exit(0);
	wait_for(child);
}

static void fork_call(void)
{
#ifdef SYS_fork
	pid_t child = (pid_t)syscall(SYS_fork);

	if (child == 0)
		_exit(0);
	report_clone(child, child, 0);
	wait_for(child);
#endif
}

static void vfork_once(void)
{
	pid_t child = vfork();

	if (child == 0)
		_exit(0);
	report_clone(child, child, VFORK_FLAGS);
	wait_for(child);
}

static pid_t clone3(uint64_t flags)
{
	struct clone_args args = { .flags = flags, .exit_signal = SIGCHLD };

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void clone3_once(uint64_t flags)
{
	pid_t child = clone3(flags);

	if (child == 0)
		_exit(0);
	if (child < 0)
		die("clone3");
	report_clone(child, child, flags);
	wait_for(child);
}

static void refused_clone3(void)
{
	if (clone3(CLONE_SIGHAND) >= 0 || errno != EINVAL)
		die("clone3 that has to be refused");
}

static void *in_thread(void *tid)
{
	*(volatile long *)tid = syscall(SYS_gettid);
	long result = syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY);

	report_open("file", O_RDONLY, result);
	close((int)result);
	fork_once();
	return NULL;
}

static void thread_once(void)
{
	volatile long tid = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, in_thread, (void *)&tid))
		die("pthread_create");
	pthread_join(thread, NULL);
	report_clone(getpid(), tid, THREAD_FLAGS);
}

static void clones(const char *value)
{
	(void)value;
	fork_once();
	fork_call();
	vfork_once();
	clone3_once(0);
	clone3_once(CLONE_CLEAR_SIGHAND);
	refused_clone3();
	thread_once();
}

/* A process in a PID namespace of its own believes to be 1; its events tell the id outside. */
static void pid_namespace(const char *value)
{
	pid_t child = clone3(CLONE_NEWPID);
	int file;

	(void)value;
	if (child == 0)
		_exit(syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY) == 3 ? 0 : 1);
	if (child < 0)
		die("clone3");
	report_clone(child, child, CLONE_NEWPID);
	wait_for(child);
	file = (int)syscall(SYS_openat, AT_FDCWD, "file", O_PATH);
	report_open("file", O_PATH, file);
	report_open_of(child, getpid(), "file", O_RDONLY, 3, file);
	close(file);
}

const struct operation clone_operations[] = {
	{ "clones", clones },
	{ "pid-namespace", pid_namespace },
	{ NULL, NULL },
};
