// SPDX-License-Identifier: MIT
/* Places from which a file has another path: mounts, root directories and namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adversary.h"

static const char *name_of_watched(void)
{
	return strrchr(watched, '/') + 1;
}

static void open_in(const char *place)
{
	char path[PATH_MAX + 2 * NAME_MAX];

	snprintf(path, sizeof(path), "%s/%s", place, name_of_watched());
	opened(result_of(open(path, O_RDONLY)));
}

static void mount_in_namespace(const char *from, const char *to, int namespaces)
{
	if (unshare(CLONE_NEWNS | namespaces) < 0)
		absent(errno);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(from, to, NULL, MS_BIND, NULL) < 0)
		die("mount");
}

static void bound_folder(void)
{
	mount_in_namespace(folder, in_folder("inner"), 0);
	open_in(in_folder("inner"));
}

static void bound_file(void)
{
	mount_in_namespace(watched, decoy, 0);
	opened(result_of(open(decoy, O_RDONLY)));
}

static void namespaces(void)
{
	mount_in_namespace(folder, in_folder("inner"), CLONE_NEWUSER);
	open_in(in_folder("inner"));
}

static void changed_root(void)
{
	if (chroot(folder) < 0 || chdir("/") < 0)
		die("chroot");
	open_in("");
}

/* Out of the root directory, by a descriptor that was opened before. */
static void outside_root(void)
{
	if (chroot(in_folder("inner")) < 0)
		die("chroot");
	opened(result_of(openat(folder_descriptor, name_of_watched(), O_RDONLY)));
}

/* A copy of a mount that is mounted nowhere: there its root is the end of every path. */
static void detached_mount(void)
{
	long tree = result_of(
		syscall(SYS_open_tree, AT_FDCWD, folder, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC));

	if (tree < 0)
		absent((int)-tree);
	opened(result_of(openat((int)tree, name_of_watched(), O_RDONLY)));
}

const struct road place_roads[] = {
	{ "a bind mount of its folder", bound_folder },
	{ "a bind mount of the file", bound_file },
	{ "a mount that is mounted nowhere", detached_mount },
	{ "inside a chroot", changed_root },
	{ "outside of a chroot", outside_root },
	{ "in a user and mount namespace", namespaces },
	{ NULL, NULL },
};
