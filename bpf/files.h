/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a file is: its path from the dentries, and whether it is the host's /etc/passwd. */
#ifndef EBPF_AGENT_FILES_H
#define EBPF_AGENT_FILES_H

#define FMODE_READ 1
#define NAME_MAX 255
#define PATH_COMPONENTS 128 /* walked upwards, mounts included; the head of a deeper path is cut */

/* Where a walk has come to: a dentry, and its mount. */
struct place {
	struct dentry *dentry;
	struct mount *mount;
};

/* A path is built from its end: its last byte is bytes[PATH_SIZE - 1]. */
struct walk {
	u8 bytes[PATH_SIZE + NAME_MAX + 1];
	u32 start; /* of the path; PATH_SIZE where the file has none (a pipe, a memfd) */
	u32 root; /* where the part begins that the process sees */
	u32 cut; /* 1: the head did not fit */
	u32 marks; /* enum mark */
	struct place place;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk);
} open_walks SEC(".maps");

/* One for each program that may walk: one that is preempted must not find another's path. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk);
} exec_walks SEC(".maps");

enum walker { WALKER_OPEN, WALKER_EXEC };

static __always_inline struct walk *walk_of(enum walker walker)
{
	u32 zero = 0;

	if (walker == WALKER_EXEC)
		return bpf_map_lookup_elem(&exec_walks, &zero);
	return bpf_map_lookup_elem(&open_walks, &zero);
}

static __always_inline bool is_unhashed(struct dentry *dentry)
{
	return !BPF_CORE_READ(dentry, d_hash.pprev);
}

static __always_inline void note_root_of_task(struct walk *walk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct vfsmount *mount = (void *)walk->place.mount + bpf_core_field_offset(struct mount, mnt);

	if (walk->place.dentry != BPF_CORE_READ(task, fs, root.dentry) ||
	    mount != BPF_CORE_READ(task, fs, root.mnt))
		return;
	walk->root = walk->start;
	walk->marks &= ~MARK_OUTSIDE;
}

enum step { STEP_ON, STEP_DONE, STEP_CUT };

/* From a mount's root to where that is mounted, unless it is the top of all mounts. */
static __always_inline enum step leave_mount(struct walk *walk)
{
	struct mount *mount = walk->place.mount, *above = BPF_CORE_READ(mount, mnt_parent);

	if (above == mount)
		return STEP_DONE;
	walk->place.dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	walk->place.mount = above;
	return STEP_ON;
}

/* Puts the dentry's name in front of the path, and goes on to its parent. */
static __always_inline enum step prepend_name(struct walk *walk)
{
	struct dentry *dentry = walk->place.dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	u32 at = walk->start, length = BPF_CORE_READ(dentry, d_name.len);

	if (parent == dentry)
		return STEP_DONE;
	if (length > NAME_MAX || at < length + 1)
		return STEP_CUT;
	at = (at - length) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(walk->bytes + at, length, BPF_CORE_READ(dentry, d_name.name));
	at = (at - 1) & (PATH_SIZE - 1);
	walk->bytes[at] = '/';
	walk->start = at;
	walk->place.dentry = parent;
	return STEP_ON;
}

/*
 * One step up. A global function, so that it is verified once and not once for each component of a
 * path and each state of its callers; with a scalar argument, because Linux 5.10 takes no others.
 */
__attribute__((noinline)) int walk_step(u32 walker)
{
	struct walk *walk = walk_of(walker);
	struct mount *mount;

	if (!walk)
		return STEP_CUT;
	note_root_of_task(walk);
	mount = walk->place.mount;
	if (walk->place.dentry == BPF_CORE_READ(mount, mnt.mnt_root))
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
	enum step step = STEP_ON;

	if (!walk)
		return 1;
	walk->start = PATH_SIZE;
	walk->root = PATH_SIZE;
	walk->marks = MARK_OUTSIDE;
	if (dentry != BPF_CORE_READ(mount, mnt.mnt_root) && is_unhashed(dentry))
		walk->marks |= MARK_DELETED;
	walk->place.dentry = dentry;
	walk->place.mount = mount;
	for (int i = 0; i < PATH_COMPONENTS && step == STEP_ON; i++)
		step = walk_step(walker);
	walk->cut = step != STEP_DONE;
	/* Without the slash in front, lest it be taken for an absolute path. */
	if (walk->cut)
		walk->start += 1;
	return 0;
}

/*
 * The host's /etc/passwd is what stands under that name in that directory, or the file that stood
 * there when it was last opened by name. The second finds it through a hard link; the first misses
 * no replacement by rename, which user space would hear of too late. Both are set by this side,
 * since stat(2) does not tell the kernel's device on every filesystem.
 */
struct file_identity {
	u64 inode;
	u64 device_generation; /* device in the upper half */
};

struct {
	struct file_identity directory;
	struct file_identity file;
} passwd = {};

static __always_inline struct file_identity identity_of(struct inode *inode, bool generation)
{
	struct file_identity identity = {
		.inode = BPF_CORE_READ(inode, i_ino),
		.device_generation = (u64)BPF_CORE_READ(inode, i_sb, s_dev) << 32,
	};

	if (generation)
		identity.device_generation |= BPF_CORE_READ(inode, i_generation);
	return identity;
}

static __always_inline bool same_file(struct file_identity a, struct file_identity b)
{
	return a.inode == b.inode && a.device_generation == b.device_generation;
}

static __always_inline bool is_named_passwd(struct dentry *dentry)
{
	char name[8] = {};

	if (BPF_CORE_READ(dentry, d_name.len) != 6)
		return false;
	bpf_probe_read_kernel(name, 6, BPF_CORE_READ(dentry, d_name.name));
	return *(u64 *)name == 0x647773736170ULL; /* "passwd" */
}

static __always_inline bool is_host_passwd(struct file *file)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct inode *inode = BPF_CORE_READ(file, f_inode);

	if (is_named_passwd(dentry) &&
	    same_file(identity_of(BPF_CORE_READ(dentry, d_parent, d_inode), false), passwd.directory)) {
		/* Not one store: while it lasts, a read by hard link alone could be missed. */
		passwd.file = identity_of(inode, true);
		return true;
	}
	return BPF_CORE_READ(inode, i_ino) == passwd.file.inode &&
	       same_file(identity_of(inode, true), passwd.file);
}

/*
 * The file behind a descriptor of the current task. Another thread may have put another file there
 * since the call returned; only a hook below the system call knows better.
 */
static __always_inline struct file *file_of(u32 descriptor)
{
	struct file **slots, *file = NULL;

	if (descriptor >= CURRENT(files, fdt, max_fds))
		return NULL;
	slots = CURRENT(files, fdt, fd);
	bpf_probe_read_kernel(&file, sizeof(file), slots + descriptor);
	return file;
}

/*
 * Run by the agent on itself, never attached: its first argument is a descriptor of the directory
 * /etc, the second one of /etc/passwd or -1 while there is none. Returns 0 when it is set.
 */
SEC("raw_tp/sys_enter")
int watch_passwd(struct bpf_raw_tracepoint_args *ctx)
{
	struct file *directory = file_of(ctx->args[0]);
	struct file *file = file_of(ctx->args[1]);

	own_pid = bpf_get_current_pid_tgid() >> 32;
	if (!directory)
		return 1;
	passwd.directory = identity_of(BPF_CORE_READ(directory, f_inode), false);
	if (file)
		passwd.file = identity_of(BPF_CORE_READ(file, f_inode), true);
	return 0;
}

#endif
