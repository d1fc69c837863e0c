/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Every attempt of execve and execveat: those that succeed when the new program is in place, so
 * that nobody can rewrite its arguments any more; those that fail at the system call's exit.
 */
#ifndef EBPF_AGENT_EXEC_H
#define EBPF_AGENT_EXEC_H

struct exec_record {
	struct origin origin;
	u8 bytes[sizeof(struct exec_event) + 2 * PATH_SIZE + ARGS_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct exec_record);
} exec_records SEC(".maps");

/* Attempts that failed have records of their own, by the walker: all these programs may preempt each other. */
struct failed_exec_record {
	struct origin origin;
	u8 bytes[sizeof(struct exec_event) + PATH_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WALKERS_OF_EXECS - WALKER_EXECVE);
	__type(key, u32);
	__type(value, struct failed_exec_record);
} failed_exec_records SEC(".maps");

/* By thread: the name before the exec, where sched_prepare_exec tells it (Linux 6.10 and later). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, struct comm);
} comms_before SEC(".maps");

static __always_inline int remember_comm(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	struct comm comm = {};

	read_comm(comm.bytes);
	bpf_map_update_elem(&comms_before, &tid, &comm, BPF_ANY);
	return 0;
}

static __always_inline void recall_comm(u8 *into, u32 tid)
{
	struct comm *comm = bpf_map_lookup_elem(&comms_before, &tid);

	if (!comm) {
		__builtin_memset(into, 0, COMM_SIZE);
		return;
	}
	__builtin_memcpy(into, comm, COMM_SIZE);
	bpf_map_delete_elem(&comms_before, &tid);
}

/* Copies the path of the program into the record; the name alone where it has no path (a memfd). */
static __always_inline u32 read_executable(u8 *into, struct file *file, bool walked, u32 *cut)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct walk *walk = walk_of(WALKER_EXEC);
	u32 start, size;

	if (!walk)
		return 0;
	/* Rules may have walked it already. */
	if (!walked)
		walk_path(WALKER_EXEC, (u64)dentry, (u64)BPF_CORE_READ(file, f_path.mnt));
	if (walk->cut)
		*cut |= CUT_PATH;
	start = walk->start;
	if (start >= PATH_SIZE) {
		long length = bpf_probe_read_kernel_str(into, PATH_SIZE,
							BPF_CORE_READ(dentry, d_name.name));

		return length > 0 ? (length - 1) & (PATH_SIZE - 1) : 0;
	}
	size = (PATH_SIZE - start) & (PATH_SIZE - 1);
	bpf_probe_read_kernel(into, size, walk->bytes + start);
	return size;
}

static __always_inline u32 read_new_args(u8 *into, struct mm_struct *mm, u32 *cut)
{
	u64 start = BPF_CORE_READ(mm, arg_start);
	u64 size = BPF_CORE_READ(mm, arg_end) - start;

	if (size > ARGS_SIZE) {
		*cut |= CUT_ARGS;
		size = ARGS_SIZE;
	}
	if (bpf_probe_read_user(into, size, (void *)start))
		return 0;
	return size;
}

/* Matches an exec that succeeded, and counts those of sudo, which are found the same way. */
static __always_inline void match_exec(struct matches *matches, struct matching *m,
				       struct counters *counters, struct file *file,
				       const char *requested, u32 requested_size)
{
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct rule_set *set = find_rules();
	u64 rules;

	rules = begin_matching(m, set, EVENT_EXEC);
	if (may_be_named(m, set, dentry, inode))
		match_file(WALKER_EXEC, set->slot, FIELD_PATH, (u64)dentry, (u64)inode);
	match_path_name(m, WALKER_EXEC, set->slot, requested, requested_size);
	if (m->builtin & BUILTIN_SUDO)
		add_one(&counters->sudo);
	if (rules)
		rules = match_facts(set, rules, 0);
	if (rules)
		rules = match_rest(m, set, WALKER_EXEC, rules, UID_OF_TASK, (u64)dentry,
				   (u64)BPF_CORE_READ(file, f_path.mnt));
	end_matching(matches, set, rules);
}

/* A program is in place; `requested` is the kernel's copy of the path that was asked for. */
static __always_inline int executed(void *ctx, s32 old_tid, const char *requested, u32 args_count)
{
	struct mm_struct *mm = CURRENT(mm);
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct counters *counters = this_cpu_counters();
	u32 zero = 0, executable_size, requested_size, args_size = 0;
	struct exec_record *record = bpf_map_lookup_elem(&exec_records, &zero);
	struct matching *m = matching_of(WALKER_EXEC);
	struct exec_event *event;
	struct matches matches = {};
	u8 *bytes;
	long size;

	if (!counters || !record || !m)
		return 0;
	event = (void *)record->bytes;
	recall_comm(event->previous_comm, old_tid);
	size = bpf_probe_read_kernel_str(event->bytes, PATH_SIZE, requested);
	requested_size = size > 0 ? (size - 1) & (PATH_SIZE - 1) : 0;
	match_exec(&matches, m, counters, file, requested, requested_size);
	if (!count_event(counters, EVENT_EXEC, &matches))
		return 0;
	fill_header(&event->header, EVENT_EXEC);
	event->error = 0;
	event->cut = 0;
	event->args_count = args_count;
	event->real_uid = CURRENT(real_cred, uid.val);
	bytes = event->bytes;
	executable_size = read_executable(bytes, file, m->walked, &event->cut) & (PATH_SIZE - 1);
	bytes += executable_size;
	bpf_probe_read_kernel(bytes, requested_size, requested);
	bytes += requested_size;
	if (settings.args)
		args_size = read_new_args(bytes, mm, &event->cut);
	if (args_size > ARGS_SIZE)
		return 0;
	event->executable_size = executable_size;
	event->requested_size = requested_size;
	event->args_size = args_size;
	submit(ctx, counters, &event->header, EVENT_EXEC,
	       sizeof(*event) + executable_size + requested_size + args_size, &matches);
	return 0;
}

/* Matches an exec that failed, of which there is the path that was asked for. */
static __always_inline void match_failed_exec(struct matches *matches, enum walker walker,
					      const char *path)
{
	struct matching *m = matching_of(walker);
	struct walk *walk = walk_of(walker);
	struct rule_set *set = find_rules();
	u32 size, cut = 0;
	u64 rules;

	if (!m || !walk)
		return;
	rules = begin_matching(m, set, EVENT_EXEC);
	if (rules)
		rules = match_facts(set, rules, FACT_FAILURE);
	if (rules && (set->fields & (1 << FIELD_PATH))) {
		size = read_user_path(walk->bytes, path, &cut);
		match_asked(m, walk, walker, set->slot, rules, size);
	}
	if (rules)
		rules = match_rest(m, set, walker, rules, UID_OF_TASK, 0, 0);
	end_matching(matches, set, rules);
}

static __always_inline int exec_failed(void *ctx, enum walker walker, enum call call,
				       struct call_args *args, long result)
{
	const char *path = (const char *)(call == CALL_EXECVE ? args->value[0] : args->value[1]);
	struct counters *counters = this_cpu_counters();
	struct failed_exec_record *record;
	struct exec_event *event;
	struct matches matches = {};
	u32 index = walker - WALKER_EXECVE, tid = bpf_get_current_pid_tgid();

	bpf_map_delete_elem(&comms_before, &tid);
	if (!counters)
		return 0;
	match_failed_exec(&matches, walker, path);
	if (!count_event(counters, EVENT_EXEC, &matches))
		return 0;
	record = bpf_map_lookup_elem(&failed_exec_records, &index);
	if (!record)
		return 0;
	event = (void *)record->bytes;
	__builtin_memset(event, 0, sizeof(*event));
	fill_header(&event->header, EVENT_EXEC);
	event->error = result;
	event->real_uid = CURRENT(real_cred, uid.val);
	event->requested_size = read_user_path(event->bytes, path, &event->cut);
	submit(ctx, counters, &event->header, EVENT_EXEC, sizeof(*event) + event->requested_size,
	       &matches);
	return 0;
}

/* The path stands first in what is remembered, whichever of the two calls it is. */
static __always_inline int remember_path_arg(struct pt_regs *regs, enum call call)
{
	struct call_args args;

	read_args(&args, regs);
	return remember_args(args.value[call == CALL_EXECVEAT], 0, 0);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_btf, struct task_struct *task, s32 old_tid, struct linux_binprm *binprm)
{
	return executed(ctx, old_tid, BPF_CORE_READ(binprm, filename), BPF_CORE_READ(binprm, argc));
}

SEC("tp_btf/sched_prepare_exec")
int BPF_PROG(exec_btf_prepare)
{
	return remember_comm();
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(exec_raw, struct task_struct *task, s32 old_tid, struct linux_binprm *binprm)
{
	return executed(ctx, old_tid, BPF_CORE_READ(binprm, filename), BPF_CORE_READ(binprm, argc));
}

SEC("raw_tp/sched_prepare_exec")
int BPF_PROG(exec_raw_prepare)
{
	return remember_comm();
}

/*
 * At the return of the functions behind execve and execveat, of 64-bit and of 32-bit programs, which
 * costs no other system call anything.
 */
static __always_inline int exec_returned(void *ctx, enum walker walker, enum call call, s32 result)
{
	struct call_args args;
	struct pt_regs *regs;

	if (result >= 0)
		return 0;
	/* The argument as memory: where Linux 5.10 has its type only declared, it refuses to load it. */
	bpf_probe_read_kernel(&regs, sizeof(regs), ctx);
	read_args(&args, regs);
	return exec_failed(ctx, walker, call, &args, result);
}

SEC("fexit/__x64_sys_execve")
int BPF_PROG(exec_fexit_execve, struct pt_regs *regs, long result)
{
	return exec_returned(ctx, WALKER_EXECVE, CALL_EXECVE, result);
}

SEC("fexit/__x64_sys_execveat")
int BPF_PROG(exec_fexit_execveat, struct pt_regs *regs, long result)
{
	return exec_returned(ctx, WALKER_EXECVEAT, CALL_EXECVEAT, result);
}

SEC("fexit/__ia32_compat_sys_execve")
int BPF_PROG(exec_fexit_execve32, struct pt_regs *regs, long result)
{
	return exec_returned(ctx, WALKER_EXECVE32, CALL_EXECVE, result);
}

SEC("fexit/__ia32_compat_sys_execveat")
int BPF_PROG(exec_fexit_execveat32, struct pt_regs *regs, long result)
{
	return exec_returned(ctx, WALKER_EXECVEAT32, CALL_EXECVEAT, result);
}

SEC("kprobe")
int BPF_KPROBE(exec_kprobe_execve, struct pt_regs *regs)
{
	return remember_path_arg(regs, CALL_EXECVE);
}

SEC("kprobe")
int BPF_KPROBE(exec_kprobe_execveat, struct pt_regs *regs)
{
	return remember_path_arg(regs, CALL_EXECVEAT);
}

SEC("kretprobe")
int BPF_KRETPROBE(exec_kretprobe, long result)
{
	struct call_args args;

	if (!recall_args(&args) || (s32)result >= 0)
		return 0;
	return exec_failed(ctx, WALKER_EXECVE, CALL_EXECVE, &args, (s32)result);
}

SEC("tracepoint/sched/sched_process_exec")
int exec_tp(struct trace_event_raw_sched_process_exec *ctx)
{
	const char *filename = (void *)ctx + (ctx->__data_loc_filename & 0xffff);

	return executed(ctx, ctx->old_pid, filename, 0);
}

SEC("tracepoint")
int exec_tp_enter(struct trace_event_raw_sys_enter *ctx)
{
	return remember_args(ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint")
int exec_tp_exit(struct trace_event_raw_sys_exit *ctx)
{
	struct call_args args;

	if (!recall_args(&args) || ctx->ret >= 0)
		return 0;
	return exec_failed(ctx, WALKER_EXECVE, call_64bit(ctx->id), &args, ctx->ret);
}

#endif
