/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's types, as far as they are touched here. Kept by hand: every access is relocated
 * against the running kernel's BTF, so order and size of the fields do not matter.
 */
/* By this name libbpf's macros know that struct pt_regs is the kernel's. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u8 u8;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;
typedef __s64 s64;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* include/uapi/linux/bpf.h */
enum {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_LPM_TRIE = 11,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};
enum {
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
};
enum { BPF_ANY = 0 };
enum { BPF_F_NO_PREALLOC = 1 };
enum bpf_func_id {
	BPF_FUNC_get_current_task_btf = 158,
	BPF_FUNC_task_pt_regs = 175,
};
#define BPF_F_CURRENT_CPU 0xffffffffULL

/* include/uapi/linux/openat2.h */
struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct list_head {
	struct list_head *next;
};

struct qstr {
	u32 len;
	const unsigned char *name;
};

struct super_block {
	u32 s_dev;
	unsigned long s_flags;
};

struct inode {
	struct super_block *i_sb;
	unsigned long i_ino; /* u64 since 7.1 */
	u32 i_generation;
};

struct hlist_bl_node {
	struct hlist_bl_node **pprev;
};

struct dentry {
	struct hlist_bl_node d_hash;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct fs_struct {
	struct path root;
};

struct filename {
	const char *name;
	const char *uptr; /* the user's own, before 7.0 */
};

struct open_flags {
	int open_flag;
	int lookup_flags;
};

struct io_fixed_file {
	unsigned long file_ptr;
};

struct io_rsrc_node {
	unsigned long file_ptr;
};

struct io_rsrc_data {
	struct io_rsrc_node **nodes;
};

struct io_file_table {
	struct io_fixed_file *files; /* until 6.12 */
	struct io_rsrc_data data;
};

struct io_ring_ctx {
	struct io_file_table file_table;
};

struct io_cmd_data {
	u8 data[56];
};

struct io_cqe {
	s32 res;
};

struct io_kiocb {
	struct io_cmd_data cmd;
	u8 opcode;
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
};

/* What stands in an io_kiocb's cmd for the operations that open. */
struct io_open {
	u32 file_slot;
	struct open_how how;
};

struct file {
	u32 f_mode;
	u32 f_flags;
	struct inode *f_inode;
	struct path f_path;
};

struct fdtable {
	u32 max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

typedef struct {
	u32 val;
} kuid_t;

struct cred {
	kuid_t uid;
	kuid_t euid;
};

typedef struct {
	unsigned long flags; /* arm64 alone */
} mm_context_t;

struct rb_node {
	struct rb_node *rb_right, *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct maple_tree {
	void *ma_root;
};

struct vm_area_struct {
	unsigned long vm_start, vm_end;
	struct rb_node vm_rb; /* before 6.1 */
	struct file *vm_file;
};

struct mm_struct {
	struct rb_root mm_rb; /* before 6.1 */
	struct maple_tree mm_mt; /* 6.1 and later */
	unsigned long arg_start, arg_end;
	struct file *exe_file;
	mm_context_t context;
};

struct thread_info {
	u32 status; /* x86 alone */
};

struct upid {
	int nr;
};

struct pid {
	unsigned int level;
	struct upid numbers[1]; /* without a length since 6.6 */
};

struct tty_driver {
	int major;
	int minor_start;
};

struct tty_struct {
	struct tty_driver *driver;
	int index;
	char name[64];
};

/* include/linux/pid_types.h */
#define PIDTYPE_SID 3

struct signal_struct {
	struct pid *pids[4];
	struct tty_struct *tty;
};

struct task_struct {
	struct thread_info thread_info;
	u32 flags;
	s32 pid;
	s32 tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	const struct cred *real_cred;
	struct signal_struct *signal;
	kuid_t loginuid; /* this and the next only with CONFIG_AUDIT */
	unsigned int sessionid;
	struct mm_struct *mm;
	struct fs_struct *fs;
	struct files_struct *files;
	char comm[16];
};

struct linux_binprm {
	int argc;
	const char *filename;
};

struct pt_regs {
#ifdef __TARGET_ARCH_arm64
	u64 regs[31];
	u64 orig_x0;
	s32 syscallno;
#else
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
	unsigned long ip, cs, flags, sp, ss;
#endif
};

#ifdef __TARGET_ARCH_arm64
struct user_pt_regs {
	u64 regs[31];
	u64 sp, pc, pstate;
};
#endif

struct bpf_raw_tracepoint_args {
	u64 args[0];
};

struct trace_entry {
	int pid;
};

struct trace_event_raw_sys_enter {
	long id;
	unsigned long args[6];
};

struct trace_event_raw_sys_exit {
	long id;
	long ret;
};

struct trace_event_raw_task_newtask {
	s32 pid;
	unsigned long clone_flags;
};

struct trace_event_raw_sched_process_exec {
	u32 __data_loc_filename;
	s32 old_pid;
};

#pragma clang attribute pop

#endif
