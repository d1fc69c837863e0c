/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Every attempt to open a file. Below the system calls, at the return of do_filp_open, no road leads
 * past; where functions cannot be hooked, the system calls' exit and io_uring's own tracepoint.
 */
#ifndef EBPF_AGENT_OPEN_H
#define EBPF_AGENT_OPEN_H

#define CREAT_FLAGS 01101 /* O_CREAT | O_WRONLY | O_TRUNC */
#define O_NONBLOCK 04000
#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR 2
#define O_ACCMODE 3
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_PATH 010000000
#define FMODE_CREATED 0x100000
#define FMODE_EXEC 0x20 /* in f_flags: opened by exec, which is told by its own event */
#define PF_DUMPCORE 0x00000200
#define LOOKUP_CACHED 0x200000 /* 5.12 and later */
#define EAGAIN 11
#define MAX_ERRNO 4095
#define SB_KERNMOUNT 0x400000 /* in s_flags: mounted by the kernel for itself, with no path to it */

struct open_record {
	struct origin origin;
	u8 bytes[sizeof(struct open_event) + 2 * PATH_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WALKERS_OF_OPENS);
	__type(key, u32);
	__type(value, struct open_record);
} open_records SEC(".maps");

/* What a hook knows of one attempt. */
struct attempt {
	long result; /* a descriptor, NO_DESCRIPTOR, or a negative errno */
	bool failed; /* as the result tells, which may be a pointer to the verifier */
	struct file *file; /* NULL for a failure */
	const char *path; /* asked for; NULL where the hook does not tell */
	bool kernel_path; /* whose memory that is in */
	struct filename *name; /* of a path in the kernel's memory */
	u32 flags;
	enum road road;
	enum walker walker;
};

/* Reads a path of the user's; the size leaves out the NUL. Cut where it has none in PATH_SIZE. */
static __always_inline u32 read_user_path(u8 *into, const char *path, u32 *cut)
{
	long size = bpf_probe_read_user_str(into, PATH_SIZE, path);
	char last = 0;

	if (size <= 0)
		return 0;
	if (size == PATH_SIZE && !bpf_probe_read_user(&last, 1, path + PATH_SIZE - 1) && last)
		*cut |= CUT_REQUESTED;
	return (size - 1) & (PATH_SIZE - 1);
}

static __always_inline u32 read_requested(u8 *into, const struct attempt *attempt, u32 *cut)
{
	long size;

	if (!attempt->path)
		return 0;
	if (!attempt->kernel_path)
		return read_user_path(into, attempt->path, cut);
	size = bpf_probe_read_kernel_str(into, PATH_SIZE, attempt->path);
	return size > 0 ? (size - 1) & (PATH_SIZE - 1) : 0;
}

/* Appends the path that was resolved to; returns its size. Rules may have walked it already. */
static __always_inline u32 read_resolved(u8 *into, enum walker walker, bool walked,
					 struct file *file, struct open_event *event)
{
	struct walk *walk = walk_of(walker);
	u32 start, size;

	if (!walk)
		return 0;
	if (!walked)
		walk_path(walker, address_of(READ(file, f_path.dentry)),
			  address_of(READ(file, f_path.mnt)));
	start = walk->start;
	if (start >= PATH_SIZE) {
		if (READ(READ(READ(file, f_inode), i_sb), s_flags) & SB_KERNMOUNT)
			event->marks |= MARK_NAMELESS;
		return 0;
	}
	size = (PATH_SIZE - start) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(into, size, walk->bytes + start);
	event->marks |= walk->marks;
	event->root_size = walk->root - start;
	if (walk->cut)
		event->cut |= CUT_PATH;
	return size;
}

static __always_inline void fill_identity(struct open_event *event, struct file *file)
{
	struct inode *inode = READ(file, f_inode);
	u64 number = READ(inode, i_ino);

	event->device = READ(READ(inode, i_sb), s_dev);
	event->inode_low = number;
	event->inode_high = number >> 32;
	if (READ(file, f_mode) & FMODE_CREATED)
		event->marks |= MARK_CREATED;
}

/* What was asked for; of a file that is there, whether it was made tells the file itself. */
static __always_inline u32 facts_of(const struct attempt *attempt, u32 mode)
{
	u32 flags = attempt->flags, access = flags & O_ACCMODE, facts = 0;

	if (!(flags & O_PATH)) {
		if (access == O_RDONLY || access == O_RDWR)
			facts |= FACT_READ;
		if (access == O_WRONLY || access == O_RDWR || (flags & O_TRUNC))
			facts |= FACT_WRITE;
		if (attempt->file ? mode & FMODE_CREATED : flags & O_CREAT)
			facts |= FACT_CREATE;
	}
	return attempt->failed ? facts | FACT_FAILURE : facts;
}

/* Has the path that was asked for matched, for want of a file. */
static __always_inline void match_requested(struct matching *m, u32 slot, u64 rules,
					    const struct attempt *attempt)
{
	struct walk *walk = walk_of(attempt->walker);
	u32 size, cut = 0;

	if (!walk)
		return;
	size = read_requested(walk->bytes, attempt, &cut) & (PATH_SIZE - 1);
	match_asked(m, walk, attempt->walker, slot, rules, size);
}

/* Whether the C library's name service asked, which it does by plain system calls alone. */
static __always_inline bool asked_by_name_service(const struct attempt *attempt)
{
	u64 address;

	if (attempt->road != ROAD_SYSCALL)
		return false;
	address = attempt->kernel_path ? origin_of_name(attempt->name) : (u64)attempt->path;
	return is_in_c_library(attempt->walker, address);
}

static __always_inline void count_passwd_read(struct counters *counters, const struct attempt *attempt)
{
	if (asked_by_name_service(attempt))
		add_one(&counters->passwd_lookups);
	else
		add_one(&counters->passwd_direct);
}

/* Matches an attempt, and counts reads of /etc/passwd, which are found the same way. */
static __always_inline void match_open(struct matches *matches, struct matching *m,
				       struct counters *counters, const struct attempt *attempt)
{
	struct rule_set *set = find_rules();
	struct file *file = attempt->file;
	struct dentry *dentry = NULL;
	struct vfsmount *mount = NULL;
	struct inode *inode;
	u64 rules;
	u32 mode = 0;

	rules = begin_matching(m, set, EVENT_OPEN);
	if (file) {
		dentry = READ(file, f_path.dentry);
		inode = READ(file, f_inode);
		if (may_be_named(m, set, dentry, inode))
			match_file(attempt->walker, set->slot, FIELD_PATH, address_of(dentry),
				   address_of(inode));
		if (m->builtin || (rules && (set->fields & (1 << FIELD_ACCESS))))
			mode = READ(file, f_mode);
		if ((m->builtin & BUILTIN_PASSWD) && (mode & FMODE_READ))
			count_passwd_read(counters, attempt);
		if (rules)
			mount = READ(file, f_path.mnt);
	}
	if (rules)
		rules = match_facts(set, rules, facts_of(attempt, mode));
	if (rules && !file && (set->fields & (1 << FIELD_PATH)))
		match_requested(m, set->slot, rules, attempt);
	if (rules)
		rules = match_rest(m, set, attempt->walker, rules, UID_OF_TASK, address_of(dentry),
				   address_of(mount));
	end_matching(matches, set, rules);
}

static __always_inline int opened(void *ctx, const struct attempt *attempt)
{
	struct counters *counters = this_cpu_counters();
	struct matching *m = matching_of(attempt->walker);
	struct file *file = attempt->file;
	struct open_record *record;
	struct open_event *event;
	struct matches matches = {};
	u32 walker = attempt->walker, requested_size, path_size = 0;

	if (!counters || !m)
		return 0;
	if (attempt->road != ROAD_HANDLE)
		add_one(&counters->path_opens);
	match_open(&matches, m, counters, attempt);
	if (!count_event(counters, EVENT_OPEN, &matches))
		return 0;
	record = bpf_map_lookup_elem(&open_records, &walker);
	if (!record)
		return 0;
	event = (void *)record->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	fill_header(&event->header, EVENT_OPEN);
	event->result = attempt->result;
	event->flags = attempt->flags;
	event->road = attempt->road;
	requested_size = read_requested(event->bytes, attempt, &event->cut) & (PATH_SIZE - 1);
	/* Text is told what was asked for, or else what that was. */
	if (file && (settings.paths || !requested_size)) {
		fill_identity(event, file);
		path_size =
			read_resolved(event->bytes + requested_size, walker, m->walked, file, event);
	}
	path_size &= PATH_SIZE - 1;
	event->requested_size = requested_size;
	event->path_size = path_size;
	submit(ctx, counters, &event->header, EVENT_OPEN,
	       sizeof(*event) + requested_size + path_size, &matches);
	return 0;
}

/* At a system call's exit, where success has only a descriptor. */

static __always_inline int opened_by_call(void *ctx, enum call call, struct call_args *args,
					  long result)
{
	struct attempt attempt = { .result = result, .failed = result < 0, .road = ROAD_SYSCALL };
	struct open_how how = {};

	switch (call) {
	case CALL_OPEN:
		attempt.path = (const char *)args->value[0];
		attempt.flags = args->value[1];
		break;
	case CALL_CREAT:
		attempt.path = (const char *)args->value[0];
		attempt.flags = CREAT_FLAGS;
		break;
	case CALL_OPENAT:
		attempt.path = (const char *)args->value[1];
		attempt.flags = args->value[2];
		break;
	case CALL_OPENAT2:
		attempt.path = (const char *)args->value[1];
		bpf_probe_read_user(&how, sizeof(how), (void *)args->value[2]);
		attempt.flags = how.flags;
		break;
	default:
		attempt.road = ROAD_HANDLE;
		attempt.flags = args->value[2];
	}
	if (result >= 0)
		attempt.file = file_of(result);
	return opened(ctx, &attempt);
}

SEC("tracepoint")
int open_tp_enter(struct trace_event_raw_sys_enter *ctx)
{
	return remember_args(ctx->args[0], ctx->args[1], ctx->args[2]);
}

/* A program that reads a third argument is refused for a call that has only two. */
SEC("tracepoint")
int open_tp_enter_creat(struct trace_event_raw_sys_enter *ctx)
{
	return remember_args(ctx->args[0], ctx->args[1], 0);
}

SEC("tracepoint")
int open_tp_exit(struct trace_event_raw_sys_exit *ctx)
{
	struct call_args args;

	if (!recall_args(&args))
		return 0;
	return opened_by_call(ctx, call_64bit(ctx->id), &args, ctx->ret);
}

/*
 * io_uring opens files with no system call of their own. Its tracepoint comes when a request is over:
 * the path that was asked for has been freed by then, all else stands in the request.
 */

#define IORING_OP_OPENAT 18
#define IORING_OP_OPENAT2 28
#define ANY_SLOT 0xffffffff
#define FILE_FLAGS 7 /* in the low bits of a pointer to a file */

/* A file in a ring's own table, which no descriptor leads to. */
static __always_inline struct file *file_in_slot(struct io_ring_ctx *ring, u32 slot)
{
	struct io_rsrc_node **nodes, *node = NULL;
	u64 pointer = 0;

	if (bpf_core_field_exists(struct io_file_table, files)) {
		struct io_fixed_file *files = BPF_CORE_READ(ring, file_table.files);

		bpf_probe_read_kernel(&pointer, sizeof(pointer), files + slot);
	} else {
		nodes = BPF_CORE_READ(ring, file_table.data.nodes);
		bpf_probe_read_kernel(&node, sizeof(node), nodes + slot);
		pointer = BPF_CORE_READ(node, file_ptr);
	}
	return (void *)(pointer & ~(u64)FILE_FLAGS);
}

SEC("raw_tp/io_uring_complete")
int open_raw_io_uring(struct bpf_raw_tracepoint_args *ctx)
{
	struct io_kiocb *request = (void *)ctx->args[1];
	struct io_open *open = (void *)request + bpf_core_field_offset(struct io_kiocb, cmd);
	u8 operation = BPF_CORE_READ(request, opcode);
	struct attempt attempt = { .road = ROAD_IO_URING, .walker = WALKER_OPEN_BESIDES };
	u32 slot;

	if (operation != IORING_OP_OPENAT && operation != IORING_OP_OPENAT2)
		return 0;
	attempt.result = BPF_CORE_READ(request, cqe.res);
	attempt.failed = attempt.result < 0;
	attempt.flags = BPF_CORE_READ(open, how.flags) & ~O_LARGEFILE;
	slot = BPF_CORE_READ(open, file_slot);
	if (attempt.result >= 0 && slot) {
		slot = slot == ANY_SLOT ? attempt.result : slot - 1;
		attempt.file = file_in_slot(BPF_CORE_READ(request, ctx), slot);
		attempt.result = NO_DESCRIPTOR;
	} else if (attempt.result >= 0) {
		attempt.file = file_of(attempt.result);
	}
	return opened(ctx, &attempt);
}

/* Below the system calls. */

/*
 * A failure that do_filp_open returned, by thread: do_sys_openat2 returns it as well, besides those
 * of its own that come before (a path that cannot be read, no free descriptor).
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, u8);
} failures_told SEC(".maps");

/* What do_filp_open was asked, in the kernel's own copies, which live until the call is over. */
struct request {
	struct filename *name;
	u32 flags;
	u32 lookup;
};

/* The kernel's own opens, and those of core dumps, which no system call asked for. */
static __always_inline bool is_kernels_own(void)
{
	return CURRENT(flags) & (PF_KTHREAD | PF_DUMPCORE);
}

/* Which can ask for all that io_uring does. Before Linux 5.15 there is no telling, and little need. */
static __always_inline bool in_openat2(void)
{
	struct pt_regs *regs;

	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs))
		return false;
	regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	/* Its number is the same in either mode. */
	return call_64bit(BPF_CORE_READ(regs, CALL_NUMBER)) == CALL_OPENAT2;
}

/* io_uring first tries without waiting, and asks a worker where that is not enough. */
static __always_inline bool is_first_try(const struct request *request)
{
	return (request->lookup & LOOKUP_CACHED) && (request->flags & O_NONBLOCK) && !in_openat2();
}

static __always_inline bool in_io_worker(void)
{
	return CURRENT(flags) & PF_IO_WORKER;
}

/* From Linux 7.2 on, a path that could not be read gets here as an error of its own. */
static __always_inline bool has_path(struct filename *name)
{
	return (u64)name < (u64)-MAX_ERRNO;
}

static __always_inline int file_opened(void *ctx, const struct request *request, struct file *file)
{
	bool first_try = is_first_try(request), by_io_uring = first_try || in_io_worker();
	struct filename *name = request->name;
	struct attempt attempt = {
		.result = NO_DESCRIPTOR,
		.file = file,
		.path = READ(name, name),
		.kernel_path = true,
		.name = name,
		.flags = request->flags & ~(first_try ? O_LARGEFILE | O_NONBLOCK : O_LARGEFILE),
		.road = by_io_uring ? ROAD_IO_URING : ROAD_SYSCALL,
	};
	u32 tid = bpf_get_current_pid_tgid();
	u8 told = 1;

	if ((request->flags & FMODE_EXEC) || is_kernels_own())
		return 0;
	if ((u64)file >= (u64)-MAX_ERRNO) {
		attempt.result = (long)file;
		attempt.failed = true;
		attempt.file = NULL;
		if (first_try && attempt.result == -EAGAIN)
			return 0;
		if (!by_io_uring)
			bpf_map_update_elem(&failures_told, &tid, &told, BPF_ANY);
	}
	return opened(ctx, &attempt);
}

static __always_inline struct request request_of(struct filename *name, struct open_flags *flags)
{
	struct request request = {
		.name = name,
		.flags = READ(flags, open_flag),
		.lookup = READ(flags, lookup_flags),
	};

	return request;
}

/* Those failures of open, openat, openat2 and creat that do_filp_open did not see. */
static __always_inline int open_refused(void *ctx, const char *path, struct open_how *how, long result)
{
	struct attempt attempt = { .result = result,
				   .failed = true,
				   .path = path,
				   .road = ROAD_SYSCALL,
				   .walker = WALKER_OPEN_REFUSED };
	u32 tid = bpf_get_current_pid_tgid();

	if (result >= 0 || !bpf_map_delete_elem(&failures_told, &tid))
		return 0;
	bpf_probe_read_kernel(&attempt.flags, sizeof(attempt.flags), &how->flags);
	attempt.flags &= ~O_LARGEFILE;
	return opened(ctx, &attempt);
}

/* What file_open_root returned, by thread: the descriptor may get another file at once. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u64);
} files_at_root SEC(".maps");

static __always_inline int opened_at_root(struct file *file)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 address = (u64)file;

	bpf_map_update_elem(&files_at_root, &tid, &address, BPF_ANY);
	return 0;
}

static __always_inline int opened_by_handle(void *ctx, u32 flags, long result)
{
	struct attempt attempt = { .result = result,
				   .failed = result < 0,
				   .flags = flags,
				   .road = ROAD_HANDLE,
				   .walker = WALKER_OPEN_BESIDES };
	u32 tid = bpf_get_current_pid_tgid();
	u64 *address = bpf_map_lookup_elem(&files_at_root, &tid);

	if (result >= 0)
		attempt.file = address ? (void *)*address : file_of(result);
	bpf_map_delete_elem(&files_at_root, &tid);
	return opened(ctx, &attempt);
}

SEC("fexit/do_filp_open")
int BPF_PROG(open_fexit, int dfd, struct filename *name, struct open_flags *flags, struct file *file)
{
	struct request request;

	if (!has_path(name))
		return 0;
	request = request_of(name, flags);
	return file_opened(ctx, &request, file);
}

SEC("fexit/do_sys_openat2")
int BPF_PROG(open_fexit_refused, int dfd, const char *path, struct open_how *how, long result)
{
	return open_refused(ctx, path, how, (s32)result);
}

SEC("fexit/do_handle_open")
int BPF_PROG(open_fexit_handle, int mount, void *handle, int flags, long result)
{
	return opened_by_handle(ctx, flags, (s32)result);
}

SEC("fexit/file_open_root")
int BPF_PROG(open_fexit_root, void *root, const char *name, int flags, u32 mode, struct file *file)
{
	return opened_at_root(file);
}

/* By thread, from a function's entry to its return. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, struct request);
} requests SEC(".maps");

SEC("kprobe")
int BPF_KPROBE(open_kprobe, int dfd, struct filename *name, struct open_flags *flags)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct request request;

	if (!has_path(name))
		return 0;
	request = request_of(name, flags);
	bpf_map_update_elem(&requests, &tid, &request, BPF_ANY);
	return 0;
}

SEC("kretprobe")
int BPF_KRETPROBE(open_kretprobe, struct file *file)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct request *found = bpf_map_lookup_elem(&requests, &tid), request;

	if (!found)
		return 0;
	request = *found;
	bpf_map_delete_elem(&requests, &tid);
	return file_opened(ctx, &request, file);
}

SEC("kprobe")
int BPF_KPROBE(open_kprobe_refused, int dfd, const char *path, struct open_how *how)
{
	return remember_args(dfd, (u64)path, (u64)how);
}

SEC("kretprobe")
int BPF_KRETPROBE(open_kretprobe_refused, long result)
{
	struct call_args args;

	if (!recall_args(&args))
		return 0;
	return open_refused(ctx, (const char *)args.value[1], (struct open_how *)args.value[2],
			    (s32)result);
}

SEC("kprobe")
int BPF_KPROBE(open_kprobe_handle, int mount, void *handle, int flags)
{
	return remember_args(0, 0, flags);
}

SEC("kretprobe")
int BPF_KRETPROBE(open_kretprobe_handle, long result)
{
	struct call_args args;

	if (!recall_args(&args))
		return 0;
	return opened_by_handle(ctx, args.value[2], (s32)result);
}

SEC("kretprobe")
int BPF_KRETPROBE(open_kretprobe_root, struct file *file)
{
	return opened_at_root(file);
}

#endif
