// SPDX-License-Identifier: MIT
/* Changes of the effective user, and what only looks like one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

#define NOBODY 65534

/* One call; reported where it changed the effective user. */
static void change(long number, long first, long second, long third)
{
	uid_t before = geteuid();

	syscall(number, first, second, third);
	if (geteuid() != before)
		report_user_change(before, geteuid());
}

static void seteuid_of_library(uid_t uid)
{
	uid_t before = geteuid();

	if (seteuid(uid) < 0)
		die("seteuid");
	report_user_change(before, uid);
}

static void calls(void)
{
	change(SYS_setresuid, -1, NOBODY, -1);
	change(SYS_setresuid, -1, -1, -1);
	change(SYS_setreuid, -1, 0, 0);
	change(SYS_setfsuid, NOBODY, 0, 0);
	change(SYS_setfsuid, 0, 0, 0);
	change(SYS_setresuid, NOBODY, -1, -1);
	change(SYS_setreuid, 0, -1, 0);
	seteuid_of_library(1000);
	seteuid_of_library(0);
	change(SYS_setgid, NOBODY, 0, 0);
	change(SYS_setuid, NOBODY, 0, 0);
	change(SYS_setuid, NOBODY, 0, 0);
	change(SYS_setuid, 0, 0, 0);
}

static void *wait_in_thread(void *tid)
{
	*(volatile long *)tid = syscall(SYS_gettid);
	while (*(volatile long *)tid)
		usleep(1000);
	return NULL;
}

/* POSIX has one user a process, the kernel one a task: the C library changes them one by one. */
static void both_threads(void)
{
	volatile long tid = 0;
	pthread_t thread;
	long other;

	if (pthread_create(&thread, NULL, wait_in_thread, (void *)&tid))
		die("pthread_create");
	while (!tid)
		usleep(1000);
	other = tid;
	report_clone(getpid(), other, 0x3d0f00);
	if (setuid(NOBODY) < 0)
		die("setuid");
	report_user_change(0, NOBODY);
	report_user_change_of((pid_t)other, 0, NOBODY);
	tid = 0;
	pthread_join(thread, NULL);
}

/* Root in a user namespace of its own is nobody special outside: nothing changes. */
static void own_namespace(void)
{
	char map[] = "0 65534 1";
	int file;

	change(SYS_setresuid, NOBODY, NOBODY, NOBODY);
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(CLONE_NEWUSER) < 0)
		return; /* this machine does not allow it to users */
	file = open("/proc/self/uid_map", O_WRONLY);
	report_open("/proc/self/uid_map", O_WRONLY, file);
	if (file < 0 || write(file, map, strlen(map)) < 0)
		die("uid_map");
	if (syscall(SYS_setresuid, 0, 0, 0) < 0)
		die("setresuid in a user namespace");
}

static void in_child(void (*what)(void))
{
	pid_t child = reported_fork();

	if (child == 0) {
		what();
		_exit(0);
	}
	wait_for(child);
}

static void users(const char *value)
{
	(void)value;
	in_child(calls);
	in_child(both_threads);
	in_child(own_namespace);
}

static void execute_setuid_root(void)
{
	char *argv[] = { "eagent-load", "noop", "setuid", NULL };

	change(SYS_setresuid, NOBODY, NOBODY, NOBODY);
	/* Told before: the program that runs as root does not know whom it runs for. */
	report_user_change(NOBODY, 0);
	execve(in_folder("setuid/eagent-load"), argv, NULL);
	die("setuid/eagent-load");
}

static void setuid_program(const char *value)
{
	(void)value;
	in_child(execute_setuid_root);
}

const struct operation user_operations[] = {
	{ "users", users },
	{ "setuid-program", setuid_program },
	{ NULL, NULL },
};
