/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What a file is: its path from the dentries, and whether it is the host's /etc/passwd. */
#ifndef EBPF_AGENT_FILES_H
#define EBPF_AGENT_FILES_H

#define FMODE_READ 1
#define NAME_MAX 255
#define PATH_COMPONENTS 64 /* walked upwards; the head of a deeper path is cut */

/* A path is built from its end: the last byte used is bytes[PATH_SIZE - 1]. */
struct walk {
	u8 bytes[PATH_SIZE + NAME_MAX + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct walk);
} walks SEC(".maps");

#define WALK_CUT 0x10000

/*
 * Writes the path of a dentry into this CPU's walk, and returns where it starts, with WALK_CUT
 * where its head did not fit. Nothing is written for a file without a path (a pipe, a memfd).
 *
 * A global function, so that its loop is verified once and not once for each state of its callers;
 * with scalar arguments, because Linux 5.10 takes no others.
 */
__attribute__((noinline)) u32 walk_path(u64 dentry_address, u64 mount_address)
{
	struct dentry *dentry = (void *)dentry_address;
	struct mount *mount = (void *)mount_address - bpf_core_field_offset(struct mount, mnt);
	struct dentry *root = BPF_CORE_READ(mount, mnt.mnt_root);
	u32 zero = 0, at = PATH_SIZE;
	struct walk *walk = bpf_map_lookup_elem(&walks, &zero);

	if (!walk)
		return at;
	for (int i = 0; i < PATH_COMPONENTS; i++) {
		struct dentry *parent;
		struct qstr name = {};
		u32 length;

		if (dentry == root) {
			struct mount *above = BPF_CORE_READ(mount, mnt_parent);

			if (above == mount)
				return at;
			dentry = BPF_CORE_READ(mount, mnt_mountpoint);
			mount = above;
			root = BPF_CORE_READ(mount, mnt.mnt_root);
			continue;
		}
		parent = BPF_CORE_READ(dentry, d_parent);
		if (parent == dentry)
			return at;
		length = BPF_CORE_READ(dentry, d_name.len);
		name.name = BPF_CORE_READ(dentry, d_name.name);
		if (length > NAME_MAX || at < length + 1)
			return at | WALK_CUT;
		at -= length;
		at &= PATH_SIZE - 1;
		bpf_probe_read_kernel(walk->bytes + at, length, name.name);
		if (!at)
			return at | WALK_CUT;
		at -= 1;
		at &= PATH_SIZE - 1;
		walk->bytes[at] = '/';
		dentry = parent;
	}
	return at | WALK_CUT;
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
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **slots, *file = NULL;

	if (descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	slots = BPF_CORE_READ(table, fd);
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
