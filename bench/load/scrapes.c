/* SPDX-License-Identifier: MIT */
/*
 * Asks a server on this machine for a page at a rate, and tells how long the answers took: half of
 * them, 99 of 100, all. Time counts from when a request was due, so a slow answer cannot hide those
 * that had to wait behind it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "load.h"

#define MOST 100000

static long long delays[MOST];
static char answer[1 << 20];

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return x < y ? -1 : x > y;
}

static int connect_to(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		fail("connect to the server");
	return fd;
}

/* Reads one answer, whose header tells its length. */
static void read_answer(int fd)
{
	size_t size = 0, whole = sizeof(answer) - 1;

	while (size < whole) {
		ssize_t more = read(fd, answer + size, sizeof(answer) - 1 - size);
		char *body, *length;

		if (more <= 0)
			fail("read the answer");
		answer[size += more] = 0;
		body = strstr(answer, "\r\n\r\n");
		if (!body)
			continue;
		length = strcasestr(answer, "content-length:");
		if (!length || length > body || strncmp(answer, "HTTP/1.1 200 ", 13))
			fail("use the answer");
		whole = body + 4 - answer + atoll(length + 15);
	}
}

int main(int argc, char **argv)
{
	static const char format[] = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n";
	struct load load = begin(argv, "bench-scrapes");
	int fd = connect_to(number(argv, "port", 9110));
	char request[256];
	int size = snprintf(request, sizeof(request), format, option(argv, "path", "/metrics"));

	(void)argc;
	for (; load.done < MOST; load.done++) {
		long long next = load.start + load.done * BILLION / load.rate;

		if (next >= load.end)
			break;
		sleep_until(next);
		if (write(fd, request, size) != size)
			fail("send a request");
		read_answer(fd);
		delays[load.done] = clock_ns(CLOCK_MONOTONIC) - next;
	}
	qsort(delays, load.done, sizeof(*delays), compare);
	printf("{\"count\":%lld,\"p50\":%.1f,\"p99\":%.1f,\"most\":%.1f}\n", load.done,
	       delays[load.done / 2] / 1e3, delays[load.done * 99 / 100] / 1e3,
	       delays[load.done - 1] / 1e3);
	return 0;
}
