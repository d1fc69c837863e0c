// SPDX-License-Identifier: MIT
/* Opens that io_uring does, with no call that opens a file. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

#define ENTRIES 4

struct ring {
	int descriptor;
	struct io_uring_params params;
	struct io_uring_sqe *requests;
	char *submissions, *completions;
};

static void *map(const struct ring *ring, size_t size, off_t what)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			    ring->descriptor, what);

	if (memory == MAP_FAILED)
		die("mmap of an io_uring");
	return memory;
}

static struct ring open_ring(uint32_t flags)
{
	struct ring ring = { .params.flags = flags };
	long result = result_of(syscall(SYS_io_uring_setup, ENTRIES, &ring.params));

	if (result < 0)
		absent((int)-result);
	ring.descriptor = (int)result;
	ring.submissions = map(&ring, ring.params.sq_off.array + ENTRIES * sizeof(uint32_t),
			       IORING_OFF_SQ_RING);
	ring.completions =
		map(&ring,
		    ring.params.cq_off.cqes + ring.params.cq_entries * sizeof(struct io_uring_cqe),
		    IORING_OFF_CQ_RING);
	ring.requests = map(&ring, ENTRIES * sizeof(*ring.requests), IORING_OFF_SQES);
	return ring;
}

/* The first requests of this ring. */
static void submit(const struct ring *ring, const struct io_uring_sqe *requests, unsigned int count,
		   unsigned int wait_for)
{
	uint32_t *indexes = (uint32_t *)(ring->submissions + ring->params.sq_off.array);
	unsigned int flags = IORING_ENTER_GETEVENTS;
	long result;

	if (ring->params.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	for (unsigned int i = 0; i < count; i++) {
		ring->requests[i] = requests[i];
		indexes[i] = i;
	}
	__atomic_store_n((uint32_t *)(ring->submissions + ring->params.sq_off.tail), count,
			 __ATOMIC_RELEASE);
	result = result_of(
		syscall(SYS_io_uring_enter, ring->descriptor, count, wait_for, flags, NULL, 0));
	if (result < 0)
		absent((int)-result);
}

static int32_t result_in(const struct ring *ring)
{
	return ((struct io_uring_cqe *)(ring->completions + ring->params.cq_off.cqes))->res;
}

static struct io_uring_sqe request_openat(void)
{
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)watched,
		.user_data = 999, /* no descriptor, should somebody take it for one */
		.open_flags = O_RDONLY,
	};

	return request;
}

static struct io_uring_sqe request_openat2(void)
{
	static const struct open_how how = { .flags = O_RDONLY };
	struct io_uring_sqe request = {
		.opcode = IORING_OP_OPENAT2,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)watched,
		.user_data = 999, /* no descriptor, should somebody take it for one */
		.off = (uintptr_t)&how,
		.len = sizeof(how),
	};

	return request;
}

static void submit_for_descriptor(struct io_uring_sqe request, int sqe_flags, uint32_t ring_flags)
{
	struct ring ring = open_ring(ring_flags);

	request.flags = sqe_flags;
	submit(&ring, &request, 1, 1);
	opened(result_in(&ring));
}

static void openat_inline(void)
{
	submit_for_descriptor(request_openat(), 0, 0);
}

static void openat2_inline(void)
{
	submit_for_descriptor(request_openat2(), 0, 0);
}

static void openat_by_worker(void)
{
	submit_for_descriptor(request_openat(), IOSQE_ASYNC, 0);
}

static void openat2_by_worker(void)
{
	submit_for_descriptor(request_openat2(), IOSQE_ASYNC, 0);
}

static void openat_by_poller(void)
{
	submit_for_descriptor(request_openat(), 0, IORING_SETUP_SQPOLL);
}

/* Into a place of the ring's own table, where no descriptor leads to. */
static void open_into_slot(uint32_t slot)
{
	struct ring ring = open_ring(0);
	struct io_uring_sqe request = request_openat();
	int empty[] = { -1, -1 };

	if (syscall(SYS_io_uring_register, ring.descriptor, IORING_REGISTER_FILES, empty, 2) < 0)
		die("IORING_REGISTER_FILES");
	request.file_index = slot;
	submit(&ring, &request, 1, 1);
	if (result_in(&ring) < 0)
		absent(-result_in(&ring));
	opened_without_descriptor();
}

static void into_slot(void)
{
	open_into_slot(2);
}

#ifndef IORING_FILE_INDEX_ALLOC
#define IORING_FILE_INDEX_ALLOC (~0U)
#endif

static void into_any_slot(void)
{
	open_into_slot(IORING_FILE_INDEX_ALLOC);
}

#ifndef IOSQE_CQE_SKIP_SUCCESS
#define IOSQE_CQE_SKIP_SUCCESS (1U << 6)
#endif

/* Its descriptor is foreseen, and the kernel told to keep quiet about it. */
static void without_completion(void)
{
	struct ring ring = open_ring(0);
	struct io_uring_sqe request = request_openat();
	int foreseen = dup(0);

	close(foreseen);
	request.flags = IOSQE_CQE_SKIP_SUCCESS;
	submit(&ring, &request, 1, 0);
	if (result_in(&ring) < 0)
		absent(-result_in(&ring));
	while (fcntl(foreseen, F_GETFD) < 0)
		usleep(1000);
	opened(foreseen);
}

/* The descriptor is closed and another file gets it, before the kernel tells of the first one. */
static void replaced_in_batch(void)
{
	struct ring ring = open_ring(0);
	struct io_uring_sqe requests[] = { request_openat(), {}, request_openat() };
	int foreseen = dup(0);

	close(foreseen);
	requests[0].flags = IOSQE_IO_LINK;
	requests[1].opcode = IORING_OP_CLOSE;
	requests[1].fd = foreseen;
	requests[1].flags = IOSQE_IO_LINK;
	requests[2].addr = (uintptr_t)decoy;
	submit(&ring, requests, 3, 3);
	opened_without_descriptor();
	opened(foreseen);
}

const struct road uring_roads[] = {
	{ "io_uring, openat", openat_inline },
	{ "io_uring, openat2", openat2_inline },
	{ "io_uring, openat, IOSQE_ASYNC", openat_by_worker },
	{ "io_uring, openat2, IOSQE_ASYNC", openat2_by_worker },
	{ "io_uring, openat, IORING_SETUP_SQPOLL", openat_by_poller },
	{ "io_uring, openat into a slot", into_slot },
	{ "io_uring, openat into any slot", into_any_slot },
	{ "io_uring, openat, IOSQE_CQE_SKIP_SUCCESS", without_completion },
	{ "io_uring, descriptor replaced in one batch", replaced_in_batch },
	{ NULL, NULL },
};
