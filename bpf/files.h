/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a file is: its path from the dentries, and whether it is the host's /etc/passwd. */
#ifndef EBPF_AGENT_FILES_H
#define EBPF_AGENT_FILES_H

#define FMODE_READ 1
#define NAME_MAX 255
#define PATH_COMPONENTS 64 /* walked upwards, mounts included; the head of a deeper path is cut */
#define MOUNTS_AT_TOP 3 /* that root directories are mounted on one another */

/* A path is built from its end: its last byte is bytes[PATH_SIZE - 1]. */
struct walk {
	u8 bytes[PATH_SIZE + NAME_MAX + 1];
	u32 start; /* of the path; PATH_SIZE where the file has none (a pipe, a memfd) */
	u32 root; /* where the part begins that the process sees */
	u32 cut; /* 1: the head did not fit */
	u32 marks; /* enum mark */
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

/* Where a walk has come to: a dentry, its mount, and that mount's root. */
struct place {
	struct dentry *dentry;
	struct mount *mount;
	struct dentry *root;
};

static __always_inline void note_root_of_task(const struct place *place, struct walk *walk)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct vfsmount *mount = (void *)place->mount + bpf_core_field_offset(struct mount, mnt);

	if (place->dentry != BPF_CORE_READ(task, fs, root.dentry) ||
	    mount != BPF_CORE_READ(task, fs, root.mnt))
		return;
	walk->root = walk->start;
	walk->marks &= ~MARK_OUTSIDE;
}

/* From a mount's root to where that is mounted; false at the top of all mounts. */
static __always_inline bool leave_mount(struct place *place)
{
	struct mount *mount = place->mount, *above = BPF_CORE_READ(mount, mnt_parent);

	if (above == mount)
		return false;
	place->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	place->mount = above;
	place->root = BPF_CORE_READ(above, mnt.mnt_root);
	return true;
}

/* Puts a name in front of the path; false where there is no room for it. */
static __always_inline bool prepend_name(struct dentry *dentry, struct walk *walk)
{
	/* From memory, where the verifier forgets it: it would verify each value on its own. */
	u32 at = *(volatile u32 *)&walk->start;
	u32 length = BPF_CORE_READ(dentry, d_name.len);

	if (length > NAME_MAX || at < length + 1)
		return false;
	at = (at - length) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(walk->bytes + at, length, BPF_CORE_READ(dentry, d_name.name));
	at = (at - 1) & (PATH_SIZE - 1);
	walk->bytes[at] = '/';
	*(volatile u32 *)&walk->start = at;
	return true;
}

/*
 * Walks from a dentry up to the root of the mounts, and leaves the path in the walker's memory. It
 * passes the root directory of the process on the way, unless the file lies outside of that.
 *
 * A global function, so that its loop is verified once and not once for each state of its callers;
 * with scalar arguments, because Linux 5.10 takes no others.
 */
__attribute__((noinline)) int walk_path(u32 walker, u64 dentry_address, u64 mount_address)
{
	struct mount *mount = (void *)mount_address - bpf_core_field_offset(struct mount, mnt);
	struct place place = {
		.dentry = (void *)dentry_address,
		.mount = mount,
		/* Not from the field above: that would be relocated as if it were the kernel's. */
		.root = BPF_CORE_READ(mount, mnt.mnt_root),
	};
	struct walk *walk = walk_of(walker);

	if (!walk)
		return 1;
	walk->start = PATH_SIZE;
	walk->root = PATH_SIZE;
	walk->cut = 0;
	walk->marks = MARK_OUTSIDE;
	if (place.dentry != place.root && is_unhashed(place.dentry))
		walk->marks |= MARK_DELETED;
	for (int i = 0; i < PATH_COMPONENTS; i++) {
		struct dentry *dentry = place.dentry, *parent;

		note_root_of_task(&place, walk);
		if (dentry == place.root) {
			if (!leave_mount(&place))
				return 0;
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry)
			return 0;
		if (!prepend_name(dentry, walk))
			goto cut;
		place.dentry = parent;
	}
	/* The last name may have been the first of the path. */
	for (int i = 0; i < MOUNTS_AT_TOP; i++) {
		note_root_of_task(&place, walk);
		if (place.dentry != place.root)
			goto cut;
		if (!leave_mount(&place))
			return 0;
	}
cut:
	/* Without the slash in front, lest it be taken for an absolute path. */
	walk->start += 1;
	walk->cut = 1;
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
