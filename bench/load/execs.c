/* SPDX-License-Identifier: MIT */
/*
 * Runs a program again and again, each time to its end, with arguments that a tool has to show: by vfork
 * and execve as shells do, or with spawn=1 by posix_spawn, which makes 130 system calls more to look at
 * each signal.
 */
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/wait.h>
#include "load.h"

static char *const environment[] = { NULL };

static pid_t start(char **args)
{
	pid_t child = vfork();

	if (child == 0) {
		execve(args[0], args, environment);
		_exit(127);
	}
	return child;
}

static pid_t spawn(char **args)
{
	pid_t child;

	errno = posix_spawn(&child, args[0], NULL, NULL, args, environment);
	return errno ? -1 : child;
}

int main(int argc, char **argv)
{
	char *program = (char *)option(argv, "program", NULL);
	char *last = (char *)option(argv, "last", "last");
	char *args[] = { program,   "--first=alpha", "--second",      "beta", "-x",
			 "--third", "gamma",	     "/etc/hostname", last,   NULL };
	pid_t (*run)(char **) = number(argv, "spawn", 0) ? spawn : start;
	struct load load = begin(argv, "bench-execs");
	long long now;

	(void)argc;
	while ((now = due(&load, 1)) > 0) {
		for (; now > 0; now--, load.done++) {
			pid_t child = run(args);
			int status;

			if (child < 0 || waitpid(child, &status, 0) != child || status)
				fail("run the program");
		}
	}
	report(&load);
	return 0;
}
