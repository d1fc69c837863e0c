/* SPDX-License-Identifier: MIT */
/*
 * A load generator that knows what it did: each operation named on its command line is carried out
 * and reported on stdout, one JSON object for each event that a monitor has to see. Bytes are in
 * hexadecimal, so that any name can be told.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stdint.h>
#include <sys/types.h>

struct operation {
	const char *name;
	void (*run)(const char *value);
};

/* The working folder, absolute; what stands in it is described in test/harness/load.ts. */
extern char folder[];

void report_open(const char *path, uint64_t flags, long result);
void report_and_close(const char *path, uint64_t flags, long result);
void report_open_of(pid_t pid, pid_t ppid, const char *path, uint64_t flags, long result,
		    int same_file);
void report_clone(long child_pid, long child_tid, uint64_t flags);
void report_own_exec(char **argv);
void report_failed_exec(const char *requested, int error);
void report_user_change(uid_t old_uid, uid_t new_uid);
void report_user_change_of(pid_t tid, uid_t old_uid, uid_t new_uid);
void report_storm(uint64_t opens);

/* Ends the program: nothing that follows could be trusted. */
void die(const char *what) __attribute__((noreturn));
void wait_for(pid_t child);
/* fork(2) of the C library, reported; 0 in the child. */
pid_t reported_fork(void);
/* "folder/name", in one of a few static buffers. */
const char *in_folder(const char *name);
/* Bytes from hexadecimal, in a static buffer. */
const char *from_hex(const char *hex);

extern const struct operation open_operations[];
extern const struct operation clone_operations[];
extern const struct operation exec_operations[];
extern const struct operation user_operations[];
extern const struct operation ia32_operations[];
extern const struct operation uring_operations[];

#endif
