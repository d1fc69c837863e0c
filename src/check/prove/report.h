/* SPDX-License-Identifier: MIT */
/* What is to be reported, collected until the end. */
#ifndef PROVE_REPORT_H
#define PROVE_REPORT_H

#include "calls.h"

static char report[4096];
static unsigned int report_size;

static void put(const char *text)
{
	while (*text && report_size < sizeof(report))
		report[report_size++] = *text++;
}

static void put_number(long number)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;
	unsigned long rest = number < 0 ? -(unsigned long)number : (unsigned long)number;

	*at = 0;
	do {
		*--at = (char)('0' + rest % 10);
	} while (rest /= 10);
	if (number < 0)
		put("-");
	put(at);
}

static void write_report(void)
{
	call3(__NR_write, 1, (long)report, report_size);
}

#endif
