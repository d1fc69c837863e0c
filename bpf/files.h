/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a file is: its path from the dentries, and what it is known by whatever its path. */
#ifndef EBPF_AGENT_FILES_H
#define EBPF_AGENT_FILES_H

#define FMODE_READ 1
#define NAME_MAX 255
#define PATH_COMPONENTS 128 /* walked upwards, mounts included; the head of a deeper path is cut */

/* Where a walk has come to: a dentry, its mount, and the root of that mount. */
struct place {
	struct dentry *dentry;
	struct mount *mount;
	struct dentry *mount_root;
};

/*
 * A text, and while it is a path that is being built from its end: what stands before it can be read
 * and written, for keys that are made in place.
 */
struct walk {
	u8 before[SUFFIX_SIZE];
	u8 bytes[PATH_SIZE + NAME_MAX + 1];
	u32 start; /* of the path; PATH_SIZE where the file has none (a pipe, a memfd) */
	u32 end; /* behind its last byte: PATH_SIZE for a path that was walked */
	u32 root; /* where the part begins that the process sees */
	u32 cut; /* 1: the head did not fit */
	u32 marks; /* enum mark */
	struct place place;
	struct dentry *task_root; /* the root directory of the process, and its mount */
	struct vfsmount *task_mount;
};

/* One for each program that may walk: one that is preempted must not find another's path. */
enum walker {
	WALKER_OPEN,
	WALKER_OPEN_REFUSED,
	WALKER_OPEN_BESIDES, /* by handle or io_uring, for which there are never two programs */
	WALKERS_OF_OPENS,
	WALKER_EXEC = WALKERS_OF_OPENS,
	WALKER_EXECVE,
	WALKER_EXECVEAT,
	WALKER_EXECVE32,
	WALKER_EXECVEAT32,
	WALKERS_OF_EXECS,
	WALKER_CLONE = WALKERS_OF_EXECS,
	WALKER_PRIVILEGE,
	WALKER_PRIVILEGE_EXEC,
	WALKERS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WALKERS);
	__type(key, u32);
	__type(value, struct walk);
} walks SEC(".maps");

static __always_inline struct walk *walk_of(u32 walker)
{
	return bpf_map_lookup_elem(&walks, &walker);
}

static __always_inline bool is_unhashed(struct dentry *dentry)
{
	return !READ(dentry, d_hash.pprev);
}

/* A length below NAME_SIZE, in a way that the compiler, which may know as much, cannot leave out. */
static __always_inline u32 short_length(u32 length)
{
	asm volatile("" : "+r"(length));
	return length & (NAME_SIZE - 1);
}

/* What matters of a dentry, in the order in which it lies in the kernel, in one piece. */
struct dentry_copy {
	struct dentry *parent;
	u32 hash;
	u32 length;
	const unsigned char *name;
	struct inode *inode;
};

#define DENTRY_OFFSET(field) bpf_core_field_offset(struct dentry, field)
#define COPY_OFFSET(field) __builtin_offsetof(struct dentry_copy, field)

static __always_inline void copy_dentry(struct dentry_copy *copy, struct dentry *dentry)
{
	u32 start = DENTRY_OFFSET(d_parent);

	/* The verifier keeps one of the two ways: reading costs by the call. */
	if (!CASTS && DENTRY_OFFSET(d_name.len) == start + COPY_OFFSET(length) &&
	    DENTRY_OFFSET(d_name.name) == start + COPY_OFFSET(name) &&
	    DENTRY_OFFSET(d_inode) == start + COPY_OFFSET(inode)) {
		bpf_probe_read_kernel(copy, sizeof(*copy), (void *)dentry + start);
		return;
	}
	copy->parent = READ(dentry, d_parent);
	copy->length = READ(dentry, d_name.len);
	copy->name = READ(dentry, d_name.name);
	copy->inode = READ(dentry, d_inode);
}

static __always_inline void enter_mount(struct walk *walk, struct mount *mount)
{
	walk->place.mount = mount;
	walk->place.mount_root = READ(mount, mnt.mnt_root);
}

static __always_inline void note_root_of_task(struct walk *walk)
{
	struct vfsmount *mount = (void *)walk->place.mount + bpf_core_field_offset(struct mount, mnt);

	if (walk->place.dentry != walk->task_root || mount != walk->task_mount)
		return;
	walk->root = walk->start;
	walk->marks &= ~MARK_OUTSIDE;
}

enum step { STEP_ON, STEP_DONE, STEP_CUT };

/* From a mount's root to where that is mounted, unless it is the top of all mounts. */
static __always_inline enum step leave_mount(struct walk *walk)
{
	struct mount *mount = walk->place.mount, *above = READ(mount, mnt_parent);

	if (above == mount)
		return STEP_DONE;
	walk->place.dentry = READ(mount, mnt_mountpoint);
	enter_mount(walk, above);
	return STEP_ON;
}

/* Puts the dentry's name in front of the path, and goes on to its parent. */
static __always_inline enum step prepend_name(struct walk *walk)
{
	struct dentry_copy dentry = {};
	u32 at = walk->start, length;

	copy_dentry(&dentry, walk->place.dentry);
	length = dentry.length;
	if (dentry.parent == walk->place.dentry)
		return STEP_DONE;
	/* A path of PATH_SIZE would be one too long: its size would come out as 0. */
	if (length > NAME_MAX || at <= length + 1)
		return STEP_CUT;
	length = short_length(length);
	at = (at - length) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(walk->bytes + at, length, dentry.name);
	at = (at - 1) & (PATH_SIZE - 1);
	walk->bytes[at] = '/';
	walk->start = at;
	walk->place.dentry = dentry.parent;
	return STEP_ON;
}

/*
 * One step up. A global function, so that it is verified once and not once for each component of a
 * path and each state of its callers; with a scalar argument, because Linux 5.10 takes no others.
 */
__attribute__((noinline)) int walk_step(u32 walker)
{
	struct walk *walk = walk_of(walker);

	if (!walk)
		return STEP_CUT;
	note_root_of_task(walk);
	if (walk->place.dentry == walk->place.mount_root)
		return leave_mount(walk);
	return prepend_name(walk);
}

/*
 * Walks from a dentry up to the root of the mounts, and leaves the path in the walker's memory. It
 * passes the root directory of the process on the way, unless the file lies outside of that.
 */
__attribute__((noinline)) int walk_path(u32 walker, u64 dentry_address, u64 mount_address)
{
	struct dentry *dentry = (void *)dentry_address;
	struct mount *mount = (void *)mount_address - bpf_core_field_offset(struct mount, mnt);
	struct walk *walk = walk_of(walker);
	struct fs_struct *fs = CURRENT(fs);
	enum step step = STEP_ON;

	if (!walk)
		return 1;
	walk->start = PATH_SIZE;
	walk->end = PATH_SIZE;
	walk->root = PATH_SIZE;
	walk->marks = MARK_OUTSIDE;
	walk->task_root = READ(fs, root.dentry);
	walk->task_mount = READ(fs, root.mnt);
	walk->place.dentry = dentry;
	enter_mount(walk, mount);
	if (dentry != walk->place.mount_root && is_unhashed(dentry))
		walk->marks |= MARK_DELETED;
	for (int i = 0; i < PATH_COMPONENTS && step == STEP_ON; i++)
		step = walk_step(walker);
	walk->cut = step != STEP_DONE;
	if (walk->cut) {
		/* Without the slash in front, lest it be taken for an absolute path. */
		walk->start += 1;
		/* Whether the root directory lies further up is not known; nor is it told where it is just here. */
		if (walk->marks & MARK_OUTSIDE || walk->root < walk->start)
			walk->root = walk->start;
		walk->marks &= ~MARK_OUTSIDE;
	}
	return 0;
}

/* With the generation: all subvolumes of a btrfs are one device, and each numbers its inodes anew. */
static __always_inline void read_identity(struct file_identity *into, struct inode *inode)
{
	into->inode = BPF_CORE_READ(inode, i_ino);
	into->device_generation =
		(u64)BPF_CORE_READ(inode, i_sb, s_dev) << 32 | BPF_CORE_READ(inode, i_generation);
}

static __always_inline bool same_file(const struct file_identity *a, const struct file_identity *b)
{
	return a->inode == b->inode && a->device_generation == b->device_generation;
}

/*
 * The file behind a descriptor of the current task. Another thread may have put another file there
 * since the call returned; only a hook below the system call knows better.
 */
__attribute__((noinline)) u64 file_address(u32 descriptor)
{
	struct file **slots;

	if (descriptor >= CURRENT(files, fdt, max_fds))
		return 0;
	slots = CURRENT(files, fdt, fd);
	return read_word(slots + descriptor);
}

static __always_inline struct file *file_of(u32 descriptor)
{
	return (void *)file_address(descriptor);
}

#endif
