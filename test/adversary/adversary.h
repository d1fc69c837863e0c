/* SPDX-License-Identifier: MIT */
/*
 * Goes by every road to one file: opens it, or executes a program, in each way that a monitor might
 * not see. A road is gone by a process of its own, which stops at the end; what it really opened is
 * then looked up from outside, in /proc.
 */
#ifndef ADVERSARY_H
#define ADVERSARY_H

#include <stdnoreturn.h>
#include <sys/types.h>

enum limit {
	TRIES = 2000, /* of a road that is a race, at most */
	FILES = 2,
};

struct road {
	const char *name;
	void (*go)(void);
};

/* What a process did on its road. It shares this memory with the one that looks it up. */
struct trip {
	int files;
	int descriptors[FILES]; /* each file's; -1 for the watched one without a descriptor */
	int opens;
	char of[TRIES + 1]; /* for each open '0' plus the number of its file */
	int waiting; /* other processes of this road */
	int error; /* why it could not be gone, or why the program was not executed */
	pid_t pid; /* of the process that executed a program, where it is another one */
};

extern struct trip *trip;
/* Of a road that is a race. */
extern int tries;

/* The working folder and the watched file, absolute; the other names stand in the folder. */
extern char folder[], watched[];
/* This program, absolute. */
extern char program[];
/* A file whose path differs from the watched one's in its last letter. */
extern char decoy[];
/* Of the folder; opened before the road began. */
extern int folder_descriptor;
/* Of the watched file, which may only be used as a place; its name has been unlinked. */
extern int unlinked_descriptor;

/* One open of a new file, which is left open; a negative errno ends the road. */
void opened(long descriptor);
/* One open of a file that has been opened before. */
void opened_again(int file);
/* The watched file was opened, and nobody has a descriptor of it. */
void opened_without_descriptor(void);
/* A road that this kernel does not have. */
noreturn void absent(int error);

noreturn void die(const char *what);
/* A negative errno as the kernel returns it, from the C library's convention. */
long result_of(long returned);
/* "folder/name", in one of a few static buffers. */
const char *in_folder(const char *name);

extern const struct road call_roads[];
extern const struct road name_roads[];
extern const struct road place_roads[];
extern const struct road uring_roads[];
extern const struct road ia32_roads[];
extern const struct road race_roads[];
extern const struct road exec_roads[];

#endif
