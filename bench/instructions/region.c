/* SPDX-License-Identifier: MIT */
/* Lets a program tell valgrind what to count the instructions of, and what not. */
#include <valgrind/callgrind.h>

void count_from_here(void)
{
	CALLGRIND_START_INSTRUMENTATION;
	CALLGRIND_ZERO_STATS;
}

void count_to_here(void)
{
	CALLGRIND_DUMP_STATS;
}
