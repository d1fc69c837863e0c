/* SPDX-License-Identifier: MIT */
/* Runs a program again and again, each time to its end, with arguments that a tool has to show. */
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/wait.h>
#include "load.h"

int main(int argc, char **argv)
{
	char *program = (char *)option(argv, "program", NULL);
	char *last = (char *)option(argv, "last", "last");
	char *args[] = { program,   "--first=alpha", "--second",      "beta", "-x",
			 "--third", "gamma",	     "/etc/hostname", last,   NULL };
	char *environment[] = { NULL };
	struct load load = begin(argv, "bench-execs");
	long long now;

	(void)argc;
	while ((now = due(&load, 1)) > 0) {
		for (; now > 0; now--, load.done++) {
			pid_t child;
			int status;

			errno = posix_spawn(&child, program, NULL, NULL, args, environment);
			if (errno)
				fail("run the program");
			if (waitpid(child, &status, 0) != child || status)
				fail("wait for the program");
		}
	}
	report(&load);
	return 0;
}
