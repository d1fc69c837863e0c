// SPDX-License-Identifier: MIT
/* Runs the operations named on the command line, in order: load FOLDER [OPERATION[=VALUE]...] */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"

char folder[PATH_MAX];

void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	_exit(1);
}

void wait_for(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		fprintf(stderr, "load: a child ended with status %#x\n", status);
		_exit(1);
	}
}

const char *in_folder(const char *name)
{
	static char paths[4][PATH_MAX + NAME_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

const char *from_hex(const char *hex)
{
	static char bytes[2 * PATH_MAX];
	size_t length = strlen(hex) / 2;

	if (length >= sizeof(bytes)) {
		errno = ENAMETOOLONG;
		die("hexadecimal value");
	}
	for (size_t i = 0; i < length; i++) {
		unsigned int byte = 0;

		sscanf(hex + 2 * i, "%2x", &byte);
		bytes[i] = (char)byte;
	}
	bytes[length] = '\0';
	return bytes;
}

static void run(const char *argument)
{
	const struct operation *const tables[] = {
		open_operations, clone_operations, exec_operations,
		user_operations, ia32_operations,  uring_operations,
	};
	const char *value = strchrnul(argument, '=');
	size_t length = value - argument;

	if (*value == '=')
		value++;
	for (size_t table = 0; table < sizeof(tables) / sizeof(*tables); table++) {
		for (const struct operation *op = tables[table]; op->name; op++) {
			if (strlen(op->name) == length && !strncmp(op->name, argument, length)) {
				op->run(value);
				return;
			}
		}
	}
	errno = EINVAL;
	die(argument);
}

int main(int argc, char **argv)
{
	report_own_exec(argv);
	if (argc < 2 || !strcmp(argv[1], "noop"))
		return 0;
	snprintf(folder, sizeof(folder), "%s", argv[1]);
	if (chdir(folder) < 0)
		die(folder);
	for (int i = 2; i < argc; i++)
		run(argv[i]);
	return 0;
}
