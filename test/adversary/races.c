// SPDX-License-Identifier: MIT
/* Threads and processes that change what a monitor looks at, while the kernel opens a file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

static volatile bool over;
/* What the other thread works on. */
static char *last_letter;
static volatile unsigned int rewrites;
static volatile int target;

static void start(void *(*run)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, NULL))
		die("pthread_create");
	pthread_detach(thread);
}

static void *rewrite(void *unused)
{
	while (!over) {
		*(volatile char *)last_letter ^= 1;
		rewrites++;
	}
	return unused;
}

static bool is_of(int descriptor, const struct stat *file)
{
	struct stat status;

	if (fstat(descriptor, &status) < 0)
		die("fstat");
	return status.st_ino == file->st_ino && status.st_dev == file->st_dev;
}

/* The path names one file or the other, by turns, whenever the kernel happens to read it. */
static void rewritten_path(void)
{
	char path[PATH_MAX + NAME_MAX];
	struct stat file;

	strcpy(path, watched);
	last_letter = path + strlen(path) - 1;
	if (stat(watched, &file) < 0)
		die(watched);
	/* These two are of the same road: they tell which file is which. */
	opened(result_of(open(watched, O_RDONLY)));
	opened(result_of(open(decoy, O_RDONLY)));
	start(rewrite);
	while (trip->opens < tries) {
		unsigned int before = rewrites;
		int descriptor;

		/* The other thread has its turn. Not for long: an emulator may run one CPU at a time. */
		for (int i = 0; i < 10 && rewrites == before; i++)
			sched_yield();
		descriptor = open(path, O_RDONLY);
		opened_again(is_of(descriptor, &file) ? 0 : 1);
		close(descriptor);
	}
	over = true;
}

/* Puts another file in the place of the descriptor, as soon as there is one. */
static void *replace(void *unused)
{
	int other = memfd_create("decoy", 0);

	while (!over) {
		int descriptor = target;

		if (descriptor >= 0 && fcntl(descriptor, F_GETFD) >= 0 && dup2(other, descriptor) >= 0)
			target = -1;
	}
	return unused;
}

static void race_for_descriptor(int (*open_watched)(void))
{
	int first;

	opened(result_of(open_watched()));
	target = -1;
	start(replace);
	usleep(10000);
	first = dup(0);
	close(first);
	while (trip->opens < tries / 4) {
		target = first;
		close(open_watched());
		target = -1;
		/* Where it came too late. */
		close(first);
		opened_again(0);
		if (trip->opens % 16 == 0)
			sched_yield();
	}
	over = true;
}

static int by_name(void)
{
	return open(watched, O_RDONLY);
}

static struct {
	struct file_handle handle;
	char bytes[MAX_HANDLE_SZ];
} handle;

static int by_handle(void)
{
	return open_by_handle_at(folder_descriptor, &handle.handle, O_RDONLY);
}

static void replaced_descriptor(void)
{
	race_for_descriptor(by_name);
}

static void replaced_descriptor_of_handle(void)
{
	int mount;
	long result;

	handle.handle.handle_bytes = MAX_HANDLE_SZ;
	result = result_of(name_to_handle_at(AT_FDCWD, watched, &handle.handle, &mount, 0));
	if (result < 0)
		absent((int)-result);
	race_for_descriptor(by_handle);
}

#define WAITING 100

/* Others wait at a FIFO, each within its open. */
static void while_others_wait(void)
{
	if (mkfifo("fifo", 0600) < 0)
		die("mkfifo");
	for (int i = 0; i < WAITING; i++) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			__atomic_fetch_add(&trip->waiting, 1, __ATOMIC_SEQ_CST);
			_exit(open("fifo", O_RDONLY));
		}
	}
	while (__atomic_load_n(&trip->waiting, __ATOMIC_SEQ_CST) < WAITING)
		usleep(1000);
	usleep(200000);
	opened(result_of(open(watched, O_RDONLY)));
}

const struct road race_roads[] = {
	{ "a path that is rewritten meanwhile", rewritten_path },
	{ "a descriptor that is replaced meanwhile", replaced_descriptor },
	{ "open_by_handle_at, descriptor replaced", replaced_descriptor_of_handle },
	{ "while 100 other opens wait", while_others_wait },
	{ NULL, NULL },
};
