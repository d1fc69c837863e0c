// SPDX-License-Identifier: MIT
/* Goes by the roads named, or by all of them: adversary [-t TRIES] FOLDER NAME [ROAD...] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adversary.h"
#include "report.h"

struct trip *trip;
int tries = TRIES;
char folder[PATH_MAX], program[PATH_MAX], watched[PATH_MAX + NAME_MAX], decoy[PATH_MAX + NAME_MAX];
int folder_descriptor, unlinked_descriptor;

void die(const char *what)
{
	fprintf(stderr, "adversary: %s: %s\n", what, strerror(errno));
	_exit(1);
}

void absent(int error)
{
	trip->error = error;
	_exit(0);
}

long result_of(long returned)
{
	return returned < 0 ? -errno : returned;
}

const char *in_folder(const char *name)
{
	static char paths[4][PATH_MAX + NAME_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

void opened_again(int file)
{
	trip->of[trip->opens++] = (char)('0' + file);
}

void opened(long descriptor)
{
	if (descriptor < 0)
		absent((int)-descriptor);
	trip->descriptors[trip->files] = (int)descriptor;
	opened_again(trip->files++);
}

void opened_without_descriptor(void)
{
	opened(0);
	trip->descriptors[0] = -1;
}

/* What a road may leave behind in the folder. */
static void clean_up(void)
{
	static const char *const left[] = { "hard", "symbolic", "new", "script", "fifo" };

	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++)
		unlink(in_folder(left[i]));
}

static void travel(const struct road *road, bool executes)
{
	int status;
	pid_t child;

	memset(trip, 0, sizeof(*trip));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (chdir(folder) < 0)
			die(folder);
		road->go();
		raise(SIGSTOP);
		_exit(1);
	}
	if (child < 0 || waitpid(child, &status, WUNTRACED) < 0)
		die("a child");
	if (!WIFSTOPPED(status))
		report_absent(executes ? "exec" : "open", road->name, child,
			      WIFSIGNALED(status) ? ENOSYS : trip->error);
	else if (executes)
		report_exec(road->name, trip->pid ? trip->pid : child);
	else
		report_opens(road->name, child);
	if (trip->pid)
		kill(trip->pid, SIGKILL);
	if (WIFSTOPPED(status)) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
		_exit(1);
	}
	clean_up();
}

static bool is_named(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(name, *names))
			return true;
	return false;
}

static void prepare(const char *path, const char *name)
{
	if (!realpath(path, folder) || !realpath("/proc/self/exe", program))
		die(path);
	snprintf(watched, sizeof(watched), "%s", in_folder(name));
	snprintf(decoy, sizeof(decoy), "%s", watched);
	decoy[strlen(decoy) - 1] ^= 1;
	folder_descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (link(watched, in_folder("gone")) < 0)
		die(in_folder("gone"));
	unlinked_descriptor = open(in_folder("gone"), O_PATH | O_CLOEXEC);
	unlink(in_folder("gone"));
	unlink(decoy);
	if (mknod(decoy, S_IFREG | 0644, 0) < 0)
		die(decoy);
	mkdir(in_folder("inner"), 0755);
	trip = mmap(NULL, sizeof(*trip), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (folder_descriptor < 0 || unlinked_descriptor < 0 || trip == MAP_FAILED)
		die(folder);
}

int main(int argc, char **argv)
{
	static const struct road *const tables[] = {
		call_roads, name_roads, place_roads, uring_roads,
		ia32_roads, race_roads, exec_roads,
	};

	if (argc > 1 && !strcmp(argv[1], "stop"))
		return raise(SIGSTOP);
	if (argc > 2 && !strcmp(argv[1], "-t")) {
		tries = atoi(argv[2]);
		argc -= 2;
		argv += 2;
	}
	if (argc < 3 || tries < 1 || tries > TRIES) {
		errno = EINVAL;
		die("adversary [-t TRIES] FOLDER NAME [ROAD...]");
	}
	prepare(argv[1], argv[2]);
	for (size_t table = 0; table < sizeof(tables) / sizeof(*tables); table++)
		for (const struct road *road = tables[table]; road->name; road++)
			if (is_named(road->name, argv + 3))
				travel(road, tables[table] == exec_roads);
	unlink(decoy);
	rmdir(in_folder("inner"));
	return 0;
}
