// SPDX-License-Identifier: MIT
/* Opens in every way there is, one at a time or at full speed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define NOBODY 65534

static long result_of(long returned)
{
	return returned < 0 ? -errno : returned;
}

static void openat_in(int directory, const char *path, int flags)
{
	long result = result_of(syscall(SYS_openat, directory, path, flags, 0600));

	report_and_close(path, flags, result);
}

static void openat2_in(int directory, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = { .flags = flags, .resolve = resolve };
	long result = result_of(syscall(SYS_openat2, directory, path, &how, sizeof(how)));

	report_and_close(path, flags, result);
}

/* open(2) and creat(2) themselves; arm64 has neither. */
static void open_and_creat(void)
{
#ifdef SYS_open
	const char *file = in_folder("file");
	const char *made = in_folder("made");

	report_and_close(file, O_RDONLY, result_of(syscall(SYS_open, file, O_RDONLY)));
	report_and_close(made, O_CREAT | O_WRONLY | O_TRUNC,
			 result_of(syscall(SYS_creat, made, 0600)));
#endif
}

static void refused_open(void)
{
	pid_t child = reported_fork();

	if (child == 0) {
		if (syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) < 0)
			die("setresuid");
		report_user_change(0, NOBODY);
		openat_in(AT_FDCWD, in_folder("secret"), O_RDONLY);
		_exit(0);
	}
	wait_for(child);
}

static void opens(const char *value)
{
	long directory = result_of(syscall(SYS_openat, AT_FDCWD, folder, O_DIRECTORY | O_RDONLY));

	(void)value;
	report_open(folder, O_DIRECTORY | O_RDONLY, directory);
	open_and_creat();
	openat_in(AT_FDCWD, in_folder("file"), O_RDONLY | O_CLOEXEC);
	openat_in(AT_FDCWD, "file", O_RDONLY);
	openat_in((int)directory, "file", O_RDONLY | O_NONBLOCK);
	openat_in(AT_FDCWD, in_folder("new"), O_RDWR | O_CREAT | O_EXCL | O_APPEND);
	openat_in(AT_FDCWD, in_folder("link"), O_RDONLY);
	openat_in(AT_FDCWD, in_folder("link"), O_RDONLY | O_NOFOLLOW);
	openat_in(AT_FDCWD, in_folder("missing"), O_RDONLY);
	openat_in(AT_FDCWD, in_folder("file"), O_PATH);
	openat_in(AT_FDCWD, in_folder("file"), O_WRONLY | O_TRUNC);
	openat_in(AT_FDCWD, in_folder("file"), O_RDWR);
	openat_in(-1, "file", O_RDONLY);
	openat2_in((int)directory, "file", O_RDONLY | O_CLOEXEC, 0);
	openat2_in(AT_FDCWD, in_folder("link"), O_RDONLY, RESOLVE_NO_SYMLINKS);
	refused_open();
	close((int)directory);
}

/* Paths that the kernel refuses to read. */
static void bad_opens(const char *value)
{
	char *path = malloc(5001);

	(void)value;
	memset(path, 'a', 5000);
	path[5000] = '\0';
	openat_in(AT_FDCWD, path, O_RDONLY);
	free(path);
	report_open("", O_RDONLY, result_of(syscall(SYS_openat, AT_FDCWD, (char *)8, O_RDONLY)));
	openat_in(AT_FDCWD, "", O_RDONLY);
}

/* open=FLAGS:HEX */
static void open_named(const char *value)
{
	char *hex;
	int flags = (int)strtoul(value, &hex, 0);

	openat_in(AT_FDCWD, from_hex(hex + 1), flags);
}

/* comm=HEX: the name that this thread goes by from here on. */
static void set_comm(const char *value)
{
	if (prctl(PR_SET_NAME, from_hex(value)) < 0)
		die("PR_SET_NAME");
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* storm=CPU:MILLISECONDS, at full speed; not reported one by one. */
static void storm(const char *value)
{
	uint64_t count = 0;
	char *rest;
	cpu_set_t cpus;
	double until;

	CPU_ZERO(&cpus);
	CPU_SET(strtoul(value, &rest, 10), &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus) < 0)
		die("sched_setaffinity");
	until = now() + strtoul(rest + 1, NULL, 10) / 1e3;
	do {
		for (int i = 0; i < 100; i++, count++)
			close((int)syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY));
	} while (now() < until);
	report_storm(count);
}

/* burst=COUNT, on any CPU. */
static void burst(const char *value)
{
	uint64_t count = strtoull(value, NULL, 10);

	for (uint64_t i = 0; i < count; i++)
		close((int)syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY));
	report_storm(count);
}

const struct operation open_operations[] = {
	{ "opens", opens },   { "bad-opens", bad_opens }, { "open", open_named },
	{ "comm", set_comm }, { "storm", storm },	  { "burst", burst },
	{ NULL, NULL },
};
