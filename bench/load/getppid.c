/* SPDX-License-Identifier: MIT */
/* Asks the kernel for next to nothing: what a tool costs a program that does nothing of interest. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include "load.h"

int main(int argc, char **argv)
{
	struct load load = begin(argv, "bench-getppid");
	long long now;

	(void)argc;
	while ((now = due(&load, 1000)) > 0)
		for (; now > 0; now--, load.done++)
			syscall(SYS_getppid);
	report(&load);
	return 0;
}
