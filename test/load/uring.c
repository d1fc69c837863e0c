// SPDX-License-Identifier: MIT
/* Work that the kernel does in threads of its own, on a process' behalf: no system call made them. */
#define _GNU_SOURCE
#include <linux/io_uring.h>
#include <stdint.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

static void *map(int ring, size_t size, off_t what)
{
	void *memory =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, what);

	if (memory == MAP_FAILED)
		die("mmap of an io_uring");
	return memory;
}

/* One request that is told to be done elsewhere: the kernel starts a worker for it. */
static void io_worker(const char *value)
{
	struct io_uring_params params = {};
	int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
	struct io_uring_sqe *requests;
	uint32_t *array, *tail;
	char *submission;

	(void)value;
	if (ring < 0)
		return; /* switched off on this machine */
	submission = map(ring, params.sq_off.array + sizeof(uint32_t), IORING_OFF_SQ_RING);
	requests = map(ring, sizeof(*requests), IORING_OFF_SQES);
	array = (uint32_t *)(submission + params.sq_off.array);
	tail = (uint32_t *)(submission + params.sq_off.tail);
	memset(requests, 0, sizeof(*requests));
	requests->opcode = IORING_OP_NOP;
	requests->flags = IOSQE_ASYNC;
	*array = 0;
	__atomic_store_n(tail, 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die("io_uring_enter");
	close(ring);
}

const struct operation uring_operations[] = {
	{ "io-worker", io_worker },
	{ NULL, NULL },
};
