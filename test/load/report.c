// SPDX-License-Identifier: MIT
/* One JSON line for each event that has to be seen, written with one write(2) where it fits. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "load.h"

static char line[1 << 16];
static size_t used;

static void put_out(void)
{
	for (size_t done = 0; done < used;) {
		ssize_t n = write(STDOUT_FILENO, line + done, used - done);

		if (n < 0)
			die("write");
		done += n;
	}
	used = 0;
}

static void put(const char *format, ...)
{
	va_list values;

	if (used > sizeof(line) - 256)
		put_out();
	va_start(values, format);
	used += vsnprintf(line + used, sizeof(line) - used, format, values);
	va_end(values);
}

static void put_hex(const char *bytes)
{
	for (; *bytes; bytes++)
		put("%02x", (unsigned char)*bytes);
}

static void begin(const char *did, pid_t pid, pid_t tid, pid_t ppid)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	put("{\"did\":\"%s\",\"pid\":%d,\"tid\":%d,\"ppid\":%d,\"uid\":%u,", did, pid, tid, ppid,
	    geteuid());
	put("\"realUid\":%u,\"session\":%d,\"name\":\"", getuid(), getsid(0));
	put_hex(name);
	put("\"");
}

static void begin_own(const char *did)
{
	begin(did, getpid(), (pid_t)syscall(SYS_gettid), getppid());
}

static void end(void)
{
	put("}\n");
	put_out();
}

/* What the kernel itself says of the file behind a path of /proc. */
static void put_file(const char *path)
{
	char resolved[PATH_MAX + 16] = "";
	struct stat status;

	if (readlink(path, resolved, sizeof(resolved) - 1) < 0 || stat(path, &status) < 0)
		die(path);
	put(",\"inode\":\"%ju\",\"device\":\"%u:%u\",\"resolved\":\"", (uintmax_t)status.st_ino,
	    major(status.st_dev), minor(status.st_dev));
	put_hex(resolved);
	put("\"");
}

static void put_open(const char *path, uint64_t flags, long result, const char *file)
{
	put(",\"flags\":%" PRIu64 ",\"result\":%ld,\"path\":\"", flags, result);
	put_hex(path);
	put("\"");
	if (result >= 0)
		put_file(file);
	end();
}

void report_open(const char *path, uint64_t flags, long result)
{
	char descriptor[32];

	snprintf(descriptor, sizeof(descriptor), "/proc/self/fd/%ld", result);
	begin_own("open");
	put_open(path, flags, result, descriptor);
}

void report_and_close(const char *path, uint64_t flags, long result)
{
	report_open(path, flags, result);
	if (result >= 0)
		close((int)result);
}

/* For a process that does not know its own id, being in a namespace: it opened the same file. */
void report_open_of(pid_t pid, pid_t ppid, const char *path, uint64_t flags, long result,
		    int same_file)
{
	char descriptor[32];

	snprintf(descriptor, sizeof(descriptor), "/proc/self/fd/%d", same_file);
	begin("open", pid, pid, ppid);
	put_open(path, flags, result, descriptor);
}

void report_clone(long child_pid, long child_tid, uint64_t flags)
{
	begin_own("fork");
	put(",\"child\":%ld,\"childThread\":%ld,\"flags\":%" PRIu64, child_pid, child_tid, flags);
	end();
}

/* The program that was executed knows best: the kernel told it the path asked for and its own. */
void report_own_exec(char **argv)
{
	char executable[PATH_MAX + 16] = "";

	if (readlink("/proc/self/exe", executable, sizeof(executable) - 1) < 0)
		die("/proc/self/exe");
	begin_own("exec");
	put(",\"requested\":\"");
	put_hex((const char *)getauxval(AT_EXECFN));
	put("\",\"executable\":\"");
	put_hex(executable);
	put("\",\"args\":[");
	for (char **arg = argv; *arg; arg++) {
		put(arg == argv ? "\"" : ",\"");
		put_hex(*arg);
		put("\"");
	}
	put("],\"error\":0");
	end();
}

void report_failed_exec(const char *requested, int error)
{
	begin_own("exec");
	put(",\"requested\":\"");
	put_hex(requested);
	put("\",\"error\":%d", error);
	end();
}

void report_user_change_of(pid_t tid, uid_t old_uid, uid_t new_uid)
{
	begin("setuid", getpid(), tid, getppid());
	put(",\"oldUid\":%u,\"newUid\":%u", old_uid, new_uid);
	end();
}

void report_user_change(uid_t old_uid, uid_t new_uid)
{
	report_user_change_of((pid_t)syscall(SYS_gettid), old_uid, new_uid);
}

void report_storm(uint64_t opens)
{
	put("{\"did\":\"storm\",\"opens\":%" PRIu64, opens);
	end();
}
