/* SPDX-License-Identifier: MIT */
/*
 * Opens and closes one file. stamp=N changes the name of the process at every Nth open to '~', a
 * letter (phase=0 is 'a') and the wall-clock time in microseconds as 13 hexadecimal digits, for
 * latency.c to find in what a tool prints, whatever that looks like.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include "load.h"

static void stamp(char phase)
{
	char name[16];

	snprintf(name, sizeof(name), "~%c%013llx", phase, clock_ns(CLOCK_REALTIME) / 1000);
	prctl(PR_SET_NAME, name);
}

int main(int argc, char **argv)
{
	const char *path = option(argv, "path", "/etc/hostname");
	long long every = number(argv, "stamp", 0), now;
	char phase = 'a' + number(argv, "phase", 0);
	struct load load = begin(argv, "bench-opens");

	(void)argc;
	while ((now = due(&load, 64)) > 0) {
		for (; now > 0; now--, load.done++) {
			int fd;

			if (every && load.done % every == 0)
				stamp(phase);
			fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
			if (fd < 0)
				fail("open the file");
			close(fd);
		}
	}
	report(&load);
	return 0;
}
