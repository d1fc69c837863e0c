/* SPDX-License-Identifier: MIT */
/*
 * What it costs to wake a sleeping reader: writes to a pipe whose reader sleeps on another CPU, so
 * rarely that it sleeps again each time. readers=0 writes to one that nobody waits for.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/wait.h>
#include "load.h"

#define PAUSE_NS 200000

static void read_all(int fd)
{
	char bytes[64];

	settle_on(0);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
	_exit(0);
}

int main(int argc, char **argv)
{
	struct load load = begin(argv, "bench-wakeups");
	bool readers = number(argv, "readers", 1);
	long long writing = 0;
	pid_t reader = 0;
	char byte = 0;
	int ends[2];

	(void)argc;
	if (pipe(ends))
		fail("make a pipe");
	if (readers) {
		reader = fork();
		if (reader == 0) {
			close(ends[1]);
			read_all(ends[0]);
		}
		close(ends[0]);
	}
	for (; clock_ns(CLOCK_MONOTONIC) < load.end; load.done++) {
		long long start, pause_end = clock_ns(CLOCK_MONOTONIC) + PAUSE_NS;

		/* Awake, or what waking this CPU up costs would be in the figure. */
		while ((start = clock_ns(CLOCK_MONOTONIC)) < pause_end)
			;
		if (write(ends[1], &byte, 1) != 1)
			fail("write to a pipe");
		writing += clock_ns(CLOCK_MONOTONIC) - start;
	}
	printf("{\"count\":%lld,\"seconds\":%.9f}\n", load.done, writing / 1e9);
	close(ends[1]);
	if (reader)
		waitpid(reader, NULL, 0);
	return 0;
}
