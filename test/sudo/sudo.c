// SPDX-License-Identifier: MIT
/*
 * Runs commands in the ways of sudo(8), without asking anybody: sudo -p WAY COMMAND... . It becomes the
 * command, or forks once for it, or twice as for a terminal of its own; or it refuses.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A helper, as sudo runs one to check a password or to send mail. */
static void run_helper(void)
{
	if (fork() == 0) {
		execl("/bin/true", "unix_chkpwd", "nobody", "nullok", (char *)NULL);
		_exit(127);
	}
	wait(NULL);
}

/* Returns in a new process; this one waits for that and ends as it did. */
static void go_on_in_child(void)
{
	int status = 0;

	if (fork() == 0)
		return;
	wait(&status);
	_exit(WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	const char *way;

	if (argc < 4 || strcmp(argv[1], "-p"))
		return 2;
	way = argv[2];
	if (setresuid(0, 0, 0) < 0)
		return 1;
	run_helper();
	if (!strcmp(way, "refuse"))
		return 1;
	if (strcmp(way, "exec"))
		go_on_in_child();
	if (!strcmp(way, "terminal"))
		go_on_in_child();
	execv(argv[3], argv + 3);
	return 127;
}
