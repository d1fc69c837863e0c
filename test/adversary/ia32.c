// SPDX-License-Identifier: MIT
/* The calls of 32-bit programs, made by a 64-bit one, and those of the x32 ABI. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

#ifdef __x86_64__

enum ia32 {
	IA32_OPEN = 5,
	IA32_CREAT = 8,
	IA32_OPENAT = 295,
	IA32_OPEN_BY_HANDLE_AT = 342,
	IA32_OPENAT2 = 437,
};

#define X32 0x40000000

/* Below 4 GiB, where a 32-bit call can point to. */
static struct low {
	char path[4096];
	struct open_how how;
	union {
		struct file_handle handle;
		char bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	};
} * low;

static uint32_t address(const void *pointer)
{
	return (uint32_t)(uintptr_t)pointer;
}

static long call(enum ia32 number, uint32_t first, uint32_t second, uint32_t third, uint32_t fourth)
{
	register long si asm("rsi") = fourth;
	register long di asm("rdi") = 0;
	long result;

	asm volatile("int $0x80"
		     : "=a"(result)
		     : "a"((long)number), "b"((long)first), "c"((long)second), "d"((long)third),
		       "r"(si), "r"(di)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int32_t)result;
}

static uint32_t low_path(void)
{
	low = mmap(NULL, sizeof(*low), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED)
		die("mmap below 4 GiB");
	strcpy(low->path, watched);
	return address(low->path);
}

static void by_open(void)
{
	opened(call(IA32_OPEN, low_path(), O_RDONLY, 0, 0));
}

static void by_creat(void)
{
	opened(call(IA32_CREAT, low_path(), 0644, 0, 0));
}

static void by_openat(void)
{
	opened(call(IA32_OPENAT, AT_FDCWD, low_path(), O_RDONLY, 0));
}

static void by_openat2(void)
{
	uint32_t path = low_path();

	opened(call(IA32_OPENAT2, AT_FDCWD, path, address(&low->how), sizeof(low->how)));
}

static void by_handle(void)
{
	int mount;

	low_path();
	low->handle.handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, watched, &low->handle, &mount, 0) < 0)
		absent(errno);
	opened(call(IA32_OPEN_BY_HANDLE_AT, folder_descriptor, address(&low->handle), O_RDONLY, 0));
}

static void by_x32(void)
{
	opened(result_of(syscall(X32 + SYS_openat, AT_FDCWD, watched, O_RDONLY)));
}

const struct road ia32_roads[] = {
	{ "int $0x80, open", by_open },
	{ "int $0x80, creat", by_creat },
	{ "int $0x80, openat", by_openat },
	{ "int $0x80, openat2", by_openat2 },
	{ "int $0x80, open_by_handle_at", by_handle },
	{ "openat of the x32 ABI", by_x32 },
	{ NULL, NULL },
};

#else

const struct road ia32_roads[] = { { NULL, NULL } };

#endif
