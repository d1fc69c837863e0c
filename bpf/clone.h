/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Processes and threads created: clone, clone3, fork and vfork all pass task_newtask. */
#ifndef EBPF_AGENT_CLONE_H
#define EBPF_AGENT_CLONE_H

/* include/linux/sched.h: workers of the kernel's own, that no system call of a user's asked for */
#define PF_IO_WORKER 0x00000010
#define PF_USER_WORKER 0x00004000
#define PF_KTHREAD 0x00200000
#define CLONE_THREAD 0x00010000
#define CLONE_UNTRACED 0x00800000

/* Larger than what the stack has room for beside the functions that match. */
struct clone_record {
	struct origin origin;
	struct clone_event event;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct clone_record);
} clone_records SEC(".maps");

static __always_inline int new_task(void *ctx, u32 child_pid, u32 child_tid, u64 flags)
{
	struct counters *counters = this_cpu_counters();
	struct clone_record *record;
	struct clone_event *event;
	struct matches matches = {};
	u32 zero = 0;

	record = bpf_map_lookup_elem(&clone_records, &zero);
	if (!counters || !record)
		return 0;
	event = &record->event;
	match_act(&matches, WALKER_CLONE, EVENT_CLONE, UID_OF_TASK);
	if (!count_event(counters, EVENT_CLONE, &matches))
		return 0;
	fill_header(&event->header, EVENT_CLONE);
	event->child_pid = child_pid;
	event->child_tid = child_tid;
	event->flags_low = flags;
	event->flags_high = flags >> 32;
	submit(ctx, counters, &event->header, EVENT_CLONE, sizeof(*event), &matches);
	return 0;
}

static __always_inline int new_task_struct(void *ctx, struct task_struct *child, u64 flags)
{
	if (BPF_CORE_READ(child, flags) & (PF_KTHREAD | PF_IO_WORKER | PF_USER_WORKER))
		return 0;
	return new_task(ctx, BPF_CORE_READ(child, tgid), BPF_CORE_READ(child, pid), flags);
}

SEC("tp_btf/task_newtask")
int BPF_PROG(clone_btf, struct task_struct *child, u64 flags)
{
	return new_task_struct(ctx, child, flags);
}

SEC("raw_tp/task_newtask")
int BPF_PROG(clone_raw, struct task_struct *child, u64 flags)
{
	return new_task_struct(ctx, child, flags);
}

/* wake_up_new_task() is called for each new task, and has it; of its flags that tells the one. */
SEC("kprobe")
int BPF_KPROBE(clone_kprobe, struct task_struct *child)
{
	bool thread = BPF_CORE_READ(child, tgid) != BPF_CORE_READ(child, pid);

	return new_task_struct(ctx, child, thread ? CLONE_THREAD : 0);
}

/*
 * The classic tracepoint has no child, only its id: workers are told by their creator, and by flags
 * that the kernel sets for its io and vhost workers. A program may set them as well, and its thread is
 * then not seen: a blind spot that the agent announces.
 */
SEC("tracepoint/task/task_newtask")
int clone_tp(struct trace_event_raw_task_newtask *ctx)
{
	u64 flags = ctx->clone_flags;
	u32 tid = ctx->pid;
	bool thread = flags & CLONE_THREAD;

	if (CURRENT(flags) & PF_KTHREAD)
		return 0;
	if (thread && (flags & CLONE_UNTRACED))
		return 0;
	return new_task(ctx, thread ? bpf_get_current_pid_tgid() >> 32 : tid, tid, flags);
}

#endif
