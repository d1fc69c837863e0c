// SPDX-License-Identifier: MIT
/* Names that lead to a file, and that do not look like it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adversary.h"

static void open_read(const char *path)
{
	opened(result_of(open(path, O_RDONLY)));
}

static const char *name_of_watched(void)
{
	return strrchr(watched, '/') + 1;
}

static void symbolic_link(void)
{
	if (symlink(watched, "symbolic") < 0)
		die("symlink");
	open_read(in_folder("symbolic"));
}

static void hard_link(void)
{
	if (link(watched, "hard") < 0)
		absent(errno);
	open_read(in_folder("hard"));
}

static void dots(void)
{
	char path[PATH_MAX + NAME_MAX + 16];

	snprintf(path, sizeof(path), "%s/inner/..//./%s", folder, name_of_watched());
	open_read(path);
}

static void relative(void)
{
	if (chdir("inner") < 0)
		die("inner");
	if (chdir("..") < 0)
		die("..");
	open_read(name_of_watched());
}

static void relative_to_descriptor(void)
{
	opened(result_of(openat(folder_descriptor, name_of_watched(), O_RDONLY)));
}

static void root_in_proc(void)
{
	char path[PATH_MAX + NAME_MAX + 16];

	snprintf(path, sizeof(path), "/proc/self/root%s", watched);
	open_read(path);
}

/* Again, through a descriptor that may only be used as a place. */
static void open_again(int descriptor)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
	open_read(path);
}

static void descriptor_in_proc(void)
{
	int place = open(watched, O_PATH);

	opened(result_of(place));
	open_again(place);
}

/* By a name that is no longer there. */
static void unlinked(void)
{
	open_again(unlinked_descriptor);
}

/* A mapped file by the addresses it is mapped to. */
static void map_in_proc(void)
{
	char path[64];
	int file = open(watched, O_RDONLY);
	char *map = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);

	opened(result_of(file));
	if (map == MAP_FAILED)
		die("mmap");
	snprintf(path, sizeof(path), "/proc/self/map_files/%lx-%lx", (unsigned long)map,
		 (unsigned long)map + 4096);
	open_read(path);
}

/* As passwd is: the new file takes the place of the old one, and has another inode. */
static void replaced(void)
{
	/* Made without opening it. */
	if (mknod("new", S_IFREG | 0644, 0) < 0 || rename("new", watched) < 0)
		die("rename");
	open_read(watched);
}

const struct road name_roads[] = {
	{ "a symbolic link", symbolic_link },
	{ "a hard link", hard_link },
	{ "..", dots },
	{ "a relative name", relative },
	{ "relative to a descriptor", relative_to_descriptor },
	{ "/proc/self/root", root_in_proc },
	{ "/proc/self/fd/N", descriptor_in_proc },
	{ "/proc/self/fd/N of an unlinked name", unlinked },
	{ "/proc/self/map_files", map_in_proc },
	{ "after it was replaced by rename", replaced },
	{ NULL, NULL },
};
