/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Privilege: a task's effective user after an exec or a set*uid call that succeeded differs from
 * the one before it. All hooks give this alike. commit_creds has both at hand; where it cannot be
 * hooked, the user at the call's entry is remembered, and compared at its exit, or for an exec when
 * the new program is in place.
 */
#ifndef EBPF_AGENT_PRIVILEGE_H
#define EBPF_AGENT_PRIVILEGE_H

/* By thread; a thread that is killed in its call leaves an entry, so the oldest is forgotten. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, u32);
	__type(value, u32);
} users_before SEC(".maps");

static __always_inline int remember_user(void)
{
	u32 tid = bpf_get_current_pid_tgid();
	u32 uid = effective_uid();

	bpf_map_update_elem(&users_before, &tid, &uid, BPF_ANY);
	return 0;
}

struct privilege_record {
	struct origin origin;
	struct privilege_event event;
};

/* Two, by the walker: of the two programs that may be attached at once one may preempt the other. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct privilege_record);
} privilege_records SEC(".maps");

static __always_inline int user_changed(void *ctx, enum walker walker, u32 old_uid, u32 new_uid)
{
	struct privilege_record *record;
	struct privilege_event *event;
	struct matches matches = {};
	struct counters *counters;
	u32 index = walker == WALKER_PRIVILEGE_EXEC;

	if (old_uid == new_uid)
		return 0;
	counters = this_cpu_counters();
	record = bpf_map_lookup_elem(&privilege_records, &index);
	if (!counters || !record)
		return 0;
	event = &record->event;
	match_act(&matches, walker, EVENT_PRIVILEGE, new_uid);
	if (!count_event(counters, EVENT_PRIVILEGE, &matches))
		return 0;
	fill_header(&event->header, EVENT_PRIVILEGE);
	event->header.uid = new_uid;
	event->old_uid = old_uid;
	event->new_uid = new_uid;
	submit(ctx, counters, &event->header, EVENT_PRIVILEGE, sizeof(*event), &matches);
	return 0;
}

static __always_inline int compare_user(void *ctx, enum walker walker, u32 tid)
{
	u32 *before = bpf_map_lookup_elem(&users_before, &tid);
	u32 old_uid;

	if (!before)
		return 0;
	old_uid = *before;
	bpf_map_delete_elem(&users_before, &tid);
	return user_changed(ctx, walker, old_uid, effective_uid());
}

SEC("fentry/commit_creds")
int BPF_PROG(privilege_fentry, struct cred *new)
{
	return user_changed(ctx, WALKER_PRIVILEGE, effective_uid(), BPF_CORE_READ(new, euid.val));
}

SEC("kprobe")
int BPF_KPROBE(privilege_kprobe, struct cred *new)
{
	return user_changed(ctx, WALKER_PRIVILEGE, effective_uid(), BPF_CORE_READ(new, euid.val));
}

static __always_inline int enter_call(u32 number)
{
	return may_change_user(call_of(number)) ? remember_user() : 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(privilege_btf_enter, struct pt_regs *regs, long number)
{
	return enter_call(number);
}

/* An exec by a thread that is not the first takes over the first one's id: the old one is looked up. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(privilege_btf_exec, struct task_struct *task, s32 old_tid)
{
	return compare_user(ctx, WALKER_PRIVILEGE_EXEC, old_tid);
}

SEC("raw_tp/sys_enter")
int BPF_PROG(privilege_raw_enter, struct pt_regs *regs, long number)
{
	return enter_call(number);
}

SEC("raw_tp/sched_process_exec")
int BPF_PROG(privilege_raw_exec, struct task_struct *task, s32 old_tid)
{
	return compare_user(ctx, WALKER_PRIVILEGE_EXEC, old_tid);
}

SEC("tracepoint")
int privilege_tp_enter(struct trace_event_raw_sys_enter *ctx)
{
	return remember_user();
}

SEC("tracepoint")
int privilege_tp_exit(struct trace_event_raw_sys_exit *ctx)
{
	return compare_user(ctx, WALKER_PRIVILEGE, bpf_get_current_pid_tgid());
}

SEC("tracepoint/sched/sched_process_exec")
int privilege_tp_exec(struct trace_event_raw_sched_process_exec *ctx)
{
	return compare_user(ctx, WALKER_PRIVILEGE_EXEC, ctx->old_pid);
}

#endif
