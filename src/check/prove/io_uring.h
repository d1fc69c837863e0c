/* SPDX-License-Identifier: MIT */
/* Opens a file through io_uring: the kernel is handed a request, and opens it outside of any open call. */
#ifndef PROVE_IO_URING_H
#define PROVE_IO_URING_H

#include <linux/errno.h>
#include <linux/io_uring.h>
#include <linux/mman.h>
#include "calls.h"

#define PROT_READ_WRITE 3
#define RING_BYTES 4096 /* more than one entry's rings need; the kernel maps whole pages */

static char *map_ring(long fd, long offset)
{
	return (char *)call6(__NR_mmap, 0, RING_BYTES, PROT_READ_WRITE, MAP_SHARED, fd, offset);
}

static int is_error(const void *pointer)
{
	return (unsigned long)pointer > -4096UL;
}

/* Returns the descriptor, or the negative errno of the step that failed. */
static long open_through_io_uring(int directory, const char *path, int flags)
{
	static struct io_uring_params params;
	char *submissions, *completions;
	struct io_uring_sqe *request;
	long fd, done;

	fd = call3(__NR_io_uring_setup, 1, (long)&params, 0);
	if (fd < 0)
		return fd;
	submissions = map_ring(fd, IORING_OFF_SQ_RING);
	completions = map_ring(fd, IORING_OFF_CQ_RING);
	request = (struct io_uring_sqe *)map_ring(fd, IORING_OFF_SQES);
	if (is_error(submissions) || is_error(completions) || is_error(request))
		return -ENOMEM;
	request->opcode = IORING_OP_OPENAT;
	request->fd = directory;
	request->addr = (unsigned long)path;
	request->open_flags = flags;
	/* The index of the only request is 0, as the kernel's fresh memory has it. */
	__atomic_store_n((unsigned int *)(submissions + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	done = call6(__NR_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
	if (done < 0)
		return done;
	return ((struct io_uring_cqe *)(completions + params.cq_off.cqes))->res;
}

#endif
