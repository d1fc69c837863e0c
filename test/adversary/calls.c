// SPDX-License-Identifier: MIT
/* The system calls that open a file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

#ifdef SYS_open
static void by_open(void)
{
	opened(result_of(syscall(SYS_open, watched, O_RDONLY)));
}

static void by_creat(void)
{
	opened(result_of(syscall(SYS_creat, watched, 0644)));
}
#endif

static void by_openat(void)
{
	opened(result_of(syscall(SYS_openat, AT_FDCWD, watched, O_RDONLY)));
}

static void by_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	opened(result_of(syscall(SYS_openat2, AT_FDCWD, watched, &how, sizeof(how))));
}

/* As io_uring first tries to open, without waiting: a monitor must not take it for that. */
static void by_openat2_cached(void)
{
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK, .resolve = RESOLVE_CACHED };

	opened(result_of(syscall(SYS_openat2, AT_FDCWD, watched, &how, sizeof(how))));
}

static void by_handle(void)
{
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = { .handle.handle_bytes = MAX_HANDLE_SZ };
	int mount;
	long result = result_of(name_to_handle_at(AT_FDCWD, watched, &file.handle, &mount, 0));

	if (result == 0)
		result = result_of(open_by_handle_at(folder_descriptor, &file.handle, O_RDONLY));
	opened(result);
}

const struct road call_roads[] = {
#ifdef SYS_open
	{ "open", by_open },
	{ "creat", by_creat },
#endif
	{ "openat", by_openat },
	{ "openat2", by_openat2 },
	{ "openat2, RESOLVE_CACHED", by_openat2_cached },
	{ "open_by_handle_at", by_handle },
	{ NULL, NULL },
};
