/* SPDX-License-Identifier: MIT */
/*
 * Reads what a tool prints, and tells how long after their opens the lines came that bear a stamp of
 * opens.c: half of them, 99 of 100, all, for each phase. A stamp counts once, at the first line that
 * bears it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include "load.h"

#define DIGITS 13
#define PHASES 3
#define MOST 4000000

static char bytes[1 << 20];

static struct phase {
	size_t count;
	uint32_t delays[MOST];
} phases[PHASES];

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_stamp(const char *text)
{
	if (text[0] < 'a' || text[0] >= 'a' + PHASES)
		return false;
	for (int i = 1; i <= DIGITS; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

/* Notes the stamps in what was read until now; returns how much of its end may begin a stamp. */
static size_t note_stamps(char *end, long long now)
{
	static long long last;
	char *at = bytes;

	while ((at = memchr(at, '~', end - at)) && end - at > DIGITS + 2) {
		struct phase *phase;
		long long stamp;

		if (!is_stamp(++at))
			continue;
		phase = &phases[*at - 'a'];
		stamp = strtoll(at + 1, NULL, 16);
		if (stamp != last && phase->count < MOST)
			phase->delays[phase->count++] = now > stamp ? now - stamp : 0;
		last = stamp;
	}
	return at ? end - at : 0;
}

static void tell(struct phase *phase, const char *separator)
{
	uint32_t *delays = phase->delays;
	size_t count = phase->count;

	qsort(delays, count, sizeof(*delays), compare);
	printf("{\"count\":%zu,\"p50\":%u,\"p99\":%u,\"most\":%u}%s\n", count,
	       count ? delays[count / 2] : 0, count ? delays[count * 99 / 100] : 0,
	       count ? delays[count - 1] : 0, separator);
}

int main(int argc, char **argv)
{
	size_t kept = 0;
	ssize_t size;
	int fd;

	if (argc != 2 || (fd = open(argv[1], O_RDONLY)) < 0)
		fail("open the pipe");
	prctl(PR_SET_NAME, "bench-reader");
	while ((size = read(fd, bytes + kept, sizeof(bytes) - kept)) > 0) {
		char *end = bytes + kept + size;

		kept = note_stamps(end, clock_ns(CLOCK_REALTIME) / 1000);
		memmove(bytes, end - kept, kept);
	}
	printf("[");
	for (int i = 0; i < PHASES; i++)
		tell(&phases[i], i < PHASES - 1 ? "," : "]");
	return 0;
}
