/* SPDX-License-Identifier: MIT */
/* One JSON line for each road, with paths in hexadecimal, so that any can be told. */
#ifndef ADVERSARY_REPORT_H
#define ADVERSARY_REPORT_H

#include <sys/types.h>

/* A stopped process that has gone by a road, and keeps open what it opened. */
void report_opens(const char *road, pid_t pid);
/* A process that has executed a program, or could not. */
void report_exec(const char *road, pid_t pid);
/* A road that this kernel does not have; `kind` is "open" or "exec". */
void report_absent(const char *kind, const char *road, pid_t pid, int error);

#endif
