// SPDX-License-Identifier: MIT
/*
 * Runs a command under a seccomp filter: deny ERRNO NUMBER[,NUMBER...] COMMAND... has these system
 * calls fail with that errno, deny native COMMAND... has calls of 32-bit programs killed, as
 * systemd's SystemCallArchitectures=native does.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#else
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#define MOST 64

static struct sock_filter filter[MOST + 8];
static unsigned short length;

static void add(struct sock_filter instruction)
{
	if (length >= sizeof(filter) / sizeof(*filter)) {
		fprintf(stderr, "deny: too many system calls\n");
		exit(125);
	}
	filter[length++] = instruction;
}

static void load(unsigned int offset)
{
	add((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

static void answer(unsigned int action)
{
	add((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void deny_foreign(unsigned int action)
{
	load(offsetof(struct seccomp_data, arch));
	add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0));
	answer(action);
}

static void deny_calls(char *numbers, unsigned int action)
{
	/* Numbers of 32-bit programs mean something else. */
	deny_foreign(SECCOMP_RET_ALLOW);
	load(offsetof(struct seccomp_data, nr));
	for (char *number = strtok(numbers, ","); number; number = strtok(NULL, ",")) {
		add((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, atoi(number), 0, 1));
		answer(action);
	}
}

int main(int argc, char **argv)
{
	struct sock_fprog program = { .filter = filter };
	char **command = argv + 2;

	if (argc >= 3 && !strcmp(argv[1], "native")) {
		deny_foreign(SECCOMP_RET_KILL_PROCESS);
	} else if (argc >= 4) {
		deny_calls(argv[2], SECCOMP_RET_ERRNO | atoi(argv[1]));
		command++;
	} else {
		fprintf(stderr, "deny ERRNO NUMBERS COMMAND... | deny native COMMAND...\n");
		return 125;
	}
	answer(SECCOMP_RET_ALLOW);
	program.len = length;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
		perror("deny: seccomp");
		return 125;
	}
	execvp(*command, command);
	perror("deny: exec");
	return 125;
}
