/* SPDX-License-Identifier: MIT */
/* Prints what a system call that the agent does not look at takes, in nanoseconds: the least of several runs. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RUNS 20
#define CALLS 5000

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(void)
{
	long long least = 0;
	cpu_set_t last;

	CPU_ZERO(&last);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &last);
	if (sched_setaffinity(0, sizeof(last), &last))
		return 1;
	for (int run = 0; run < RUNS; run++) {
		long long start = now(), taken;

		for (int call = 0; call < CALLS; call++)
			syscall(SYS_getppid);
		taken = now() - start;
		if (!least || taken < least)
			least = taken;
	}
	printf("%.1f\n", (double)least / CALLS);
	return 0;
}
