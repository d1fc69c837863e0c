// SPDX-License-Identifier: MIT
/* Reads /etc/passwd in each way that is named: by the C library's name service, or by itself. */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PASSWD "/etc/passwd"

static void must_open(long fd)
{
	if (fd < 0)
		err(1, "Cannot open %s", PASSWD);
	close(fd);
}

static void lookup(void)
{
	if (!getpwnam("root"))
		errx(1, "Cannot look up root: there is none");
}

static void *lookup_in_thread(void *unused)
{
	lookup();
	return unused;
}

static void literal(void)
{
	must_open(open(PASSWD, O_RDONLY | O_CLOEXEC));
}

/* A thread's stack and heap lie beside the libraries. */
static void *copies_in_thread(void *unused)
{
	char on_stack[sizeof(PASSWD)] = PASSWD, *on_heap = strdup(PASSWD);

	must_open(open(on_stack, O_RDONLY | O_CLOEXEC));
	must_open(open(on_heap, O_RDONLY | O_CLOEXEC));
	free(on_heap);
	return unused;
}

/* The path as it stands in the C library. */
static const char *path_of_library(void)
{
	FILE *mappings = fopen("/proc/self/maps", "re");
	char line[512];
	const char *found = NULL;

	while (mappings && !found && fgets(line, sizeof(line), mappings)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx r", &start, &end) == 2 && strstr(line, "/libc"))
			found = memmem((void *)start, end - start, PASSWD, sizeof(PASSWD));
	}
	if (!found)
		errx(1, "Cannot find %s in the C library", PASSWD);
	fclose(mappings);
	return found;
}

/* By each call that may read, whose arguments differ; musl uses the first. */
static void borrowed(void)
{
	const char *path = path_of_library();
	struct open_how how = { .flags = O_RDONLY };

	must_open(syscall(SYS_open, path, O_RDONLY));
	must_open(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY));
	must_open(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

static void in_thread(void *(*work)(void *))
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL))
		errx(1, "Cannot run a thread");
}

int main(int argc, char **argv)
{
	const char *way = argc == 2 ? argv[1] : "";

	if (!strcmp(way, "lookup"))
		lookup();
	else if (!strcmp(way, "lookup-in-thread"))
		in_thread(lookup_in_thread);
	else if (!strcmp(way, "literal"))
		literal();
	else if (!strcmp(way, "copies-in-thread"))
		in_thread(copies_in_thread);
	else if (!strcmp(way, "borrowed"))
		borrowed();
	else
		errx(2, "Cannot read %s: unknown way \"%s\"", PASSWD, way);
	return 0;
}
