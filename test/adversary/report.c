// SPDX-License-Identifier: MIT
/* What a process really did, from what /proc and stat(2) tell of it to another one. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "adversary.h"
#include "report.h"

static void put_hex(const char *key, const char *bytes)
{
	printf(",\"%s\":\"", key);
	for (; *bytes; bytes++)
		printf("%02x", (unsigned char)*bytes);
	printf("\"");
}

static void put_link(const char *key, pid_t pid, const char *name)
{
	char link[64], target[PATH_MAX + 16] = "";

	snprintf(link, sizeof(link), "/proc/%d/%s", pid, name);
	if (readlink(link, target, sizeof(target) - 1) < 0)
		die(link);
	put_hex(key, target);
}

/* Without opening it, which would be one more open of the file. */
static void put_file(pid_t pid, int descriptor)
{
	struct stat status;
	char path[64], name[32];

	snprintf(name, sizeof(name), "fd/%d", descriptor);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (stat(descriptor < 0 ? watched : path, &status) < 0)
		die("stat");
	printf("{\"inode\":\"%ju\",\"device\":\"%u:%u\"", (uintmax_t)status.st_ino,
	       major(status.st_dev), minor(status.st_dev));
	if (descriptor < 0)
		put_hex("path", watched);
	else
		put_link("path", pid, name);
	printf("}");
}

static void begin(const char *kind, const char *road, pid_t pid)
{
	printf("{\"kind\":\"%s\",\"road\":\"%s\",\"pid\":%d", kind, road, pid);
}

void report_opens(const char *road, pid_t pid)
{
	begin("open", road, pid);
	printf(",\"opens\":\"%s\"", trip->of);
	put_link("root", pid, "root");
	printf(",\"files\":[");
	for (int i = 0; i < trip->files; i++) {
		printf(i ? "," : "");
		put_file(pid, trip->descriptors[i]);
	}
	printf("]}\n");
}

void report_exec(const char *road, pid_t pid)
{
	begin("exec", road, pid);
	printf(",\"error\":%d", trip->error);
	if (!trip->error)
		put_link("executable", pid, "exe");
	printf("}\n");
}

void report_absent(const char *kind, const char *road, pid_t pid, int error)
{
	begin(kind, road, pid);
	printf(",\"absent\":\"%s\"}\n", strerrorname_np(error));
}
