/* SPDX-License-Identifier: MIT */
/*
 * What the load generators have in common: options as name=value, a bounded loop at a rate or at
 * full speed, and a report of what was done as one line of JSON.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

/* No load runs longer, whatever it is told. */
#define MOST_MS 300000
/* Above it a load does several at once and then sleeps: each sleep takes some 50 us itself. */
#define MOST_SLEEPS 10000
#define MOST_AT_ONCE 1000000
#define BILLION 1000000000LL

static inline const char *option(char **argv, const char *name, const char *fallback)
{
	size_t length = strlen(name);

	for (char **arg = argv + 1; *arg; arg++)
		if (!strncmp(*arg, name, length) && (*arg)[length] == '=')
			return *arg + length + 1;
	return fallback;
}

static inline long long number(char **argv, const char *name, long long fallback)
{
	const char *text = option(argv, name, NULL);

	return text ? atoll(text) : fallback;
}

static inline void fail(const char *what)
{
	fprintf(stderr, "Cannot %s: %s\n", what, strerror(errno));
	exit(1);
}

static inline long long clock_ns(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * BILLION + time.tv_nsec;
}

static inline void sleep_until(long long ns)
{
	struct timespec time = { ns / BILLION, ns % BILLION };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static inline void settle_on(long long cpu)
{
	cpu_set_t cpus;

	if (cpu < 0)
		return;
	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		fail("stay on one CPU");
}

struct load {
	long long start, end, most, rate, done, now;
};

/* Reads cpu=, name=, ms=, count= (0: no bound) and rate= (a second; 0: as fast as can be). */
static inline struct load begin(char **argv, const char *name)
{
	struct load load = { .most = number(argv, "count", 0), .rate = number(argv, "rate", 0) };
	long long ms = number(argv, "ms", 1000);

	settle_on(number(argv, "cpu", -1));
	prctl(PR_SET_NAME, option(argv, "name", name));
	/* Sleeps end when they are asked to, not up to 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1);
	load.start = load.now = clock_ns(CLOCK_MONOTONIC);
	load.end = load.start + (ms < MOST_MS ? ms : MOST_MS) * 1000000;
	return load;
}

/* How many to do now, after the sleep until then; 0 at the end. */
static inline long long due(struct load *load, long long at_once)
{
	long long left = load->most ? load->most - load->done : MOST_AT_ONCE;

	load->now = clock_ns(CLOCK_MONOTONIC);
	if (load->rate) {
		long long next = load->start + (load->done + 1) * BILLION / load->rate;

		if (load->rate > MOST_SLEEPS && next < load->now + BILLION / MOST_SLEEPS)
			next = load->now + BILLION / MOST_SLEEPS;
		if (next > load->now)
			sleep_until(next < load->end ? next : load->end);
		load->now = clock_ns(CLOCK_MONOTONIC);
		at_once = (load->now - load->start) * load->rate / BILLION - load->done;
		at_once = at_once > 1 ? at_once : 1;
	}
	if (load->now >= load->end)
		return 0;
	return left < at_once ? left : at_once;
}

static inline void report(const struct load *load)
{
	long long ns = clock_ns(CLOCK_MONOTONIC) - load->start;

	printf("{\"count\":%lld,\"seconds\":%.6f}\n", load->done, ns / 1e9);
}

#endif
