// SPDX-License-Identifier: MIT
/*
 * The first process of a virtual machine: mounts what every system has, runs the command line that
 * the kernel hands on, reports its exit code on the second serial line, and turns the machine off.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *type, *on, *options;
} filesystems[] = {
	{ "proc", "/proc", NULL },
	{ "sysfs", "/sys", NULL },
	{ "devtmpfs", "/dev", NULL },
	{ "tmpfs", "/tmp", "mode=1777" },
	{ "tmpfs", "/run", "mode=755" },
	{ "securityfs", "/sys/kernel/security", NULL },
	{ "debugfs", "/sys/kernel/debug", NULL },
	{ "tracefs", "/sys/kernel/tracing", NULL },
	{ "bpf", "/sys/fs/bpf", NULL },
};

static void die(const char *what)
{
	fprintf(stderr, "init: %s: %s\n", what, strerror(errno));
	exit(1); /* the kernel panics where its first process ends */
}

static void mount_filesystems(void)
{
	for (size_t i = 0; i < sizeof(filesystems) / sizeof(*filesystems); i++) {
		mkdir(filesystems[i].on, 0755);
		if (mount(filesystems[i].type, filesystems[i].on, filesystems[i].type, 0,
			  filesystems[i].options) < 0)
			die(filesystems[i].on);
	}
}

/* The report, byte for byte, on stdout; what others write to stderr goes to the console. */
static void open_report(void)
{
	int report = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);
	struct termios settings;

	if (report < 0 || tcgetattr(report, &settings) < 0)
		die("/dev/ttyS1");
	cfmakeraw(&settings);
	if (tcsetattr(report, TCSANOW, &settings) < 0 || dup2(report, STDOUT_FILENO) < 0)
		die("/dev/ttyS1");
	close(report);
}

static void start_loopback(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int socket_fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (socket_fd < 0 || ioctl(socket_fd, SIOCSIFFLAGS, &request) < 0)
		die("lo");
	close(socket_fd);
}

/* As a service manager has it for a service that needs memory for maps (LimitMEMLOCK=infinity). */
static void lift_limits(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0)
		die("RLIMIT_MEMLOCK");
}

static double uptime(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* Waits for the command, and for orphans of its meanwhile. */
static int exit_code_of(pid_t command)
{
	int status;
	pid_t ended;

	while ((ended = wait(&status)) != command)
		if (ended < 0 && errno != EINTR)
			die("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct utsname kernel;
	pid_t command;
	int code;

	mount_filesystems();
	open_report();
	start_loopback();
	lift_limits();
	setenv("PATH", "/usr/bin:/usr/sbin:/bin:/sbin", 1);
	uname(&kernel);
	printf("@boot %.1f %s\n", uptime(), kernel.release);
	fflush(stdout);
	if (argc < 2)
		die("no command");
	command = fork();
	if (command == 0) {
		execv(argv[1], argv + 1);
		die(argv[1]);
	}
	code = exit_code_of(command);
	printf("@exit %d %.1f\n", code, uptime());
	fflush(stdout);
	tcdrain(STDOUT_FILENO);
	reboot(RB_AUTOBOOT); /* which qemu is told to end at */
}
