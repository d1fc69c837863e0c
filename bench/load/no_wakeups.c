/* SPDX-License-Identifier: MIT */
/*
 * Takes the wake-ups out of a tool that asks for one at each event, to be put in front of it by
 * LD_PRELOAD: its perf buffers wake it when they are half full instead. libbpf and bcc both make
 * their buffers by way of syscall(2).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

/* Half of the 64 pages that libbpf-tools and bpftrace give to each CPU. */
#define HALF (32 * 4096)

long syscall(long call, ...)
{
	static long (*next)(long, long, long, long, long, long, long);
	long a, b, c, d, e, f;
	__builtin_va_list rest;

	__builtin_va_start(rest, call);
	a = __builtin_va_arg(rest, long);
	b = __builtin_va_arg(rest, long);
	c = __builtin_va_arg(rest, long);
	d = __builtin_va_arg(rest, long);
	e = __builtin_va_arg(rest, long);
	f = __builtin_va_arg(rest, long);
	__builtin_va_end(rest);
	if (!next)
		next = (long (*)(long, long, long, long, long, long, long))dlsym(RTLD_NEXT,
										 "syscall");
	if (call == SYS_perf_event_open) {
		struct perf_event_attr *attr = (void *)a;

		if (attr->type == PERF_TYPE_SOFTWARE && attr->config == PERF_COUNT_SW_BPF_OUTPUT) {
			attr->watermark = 1;
			attr->wakeup_watermark = HALF;
		}
	}
	return next(call, a, b, c, d, e, f);
}
