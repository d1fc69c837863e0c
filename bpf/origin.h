/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Who really did it: where a process comes from, read while it acts, since a process that is looked
 * up later may have ended. Without branches on what is found, each of which the verifier would
 * follow through all that comes behind.
 */
#ifndef EBPF_AGENT_ORIGIN_H
#define EBPF_AGENT_ORIGIN_H

#define NO_LOGIN 0xffffffff

/* What the rules said of an event. */
struct matches {
	u64 rules; /* bit n: rule n matched */
	u32 set; /* the number of the rule set */
};

static __always_inline void fill_login(struct origin *origin, struct task_struct *task)
{
	origin->login_uid = NO_LOGIN;
	origin->login_session = NO_LOGIN;
	if (bpf_core_field_exists(struct task_struct, loginuid))
		origin->login_uid = BPF_CORE_READ(task, loginuid.val);
	if (bpf_core_field_exists(struct task_struct, sessionid))
		origin->login_session = BPF_CORE_READ(task, sessionid);
}

/* Where there is no terminal, every read through the null pointer gives 0. */
static __always_inline void fill_terminal(struct origin *origin, struct task_struct *task)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct tty_struct *tty = BPF_CORE_READ(signal, tty);
	struct tty_driver *driver = BPF_CORE_READ(tty, driver);
	struct pid *leader = BPF_CORE_READ(signal, pids[PIDTYPE_SID]);

	origin->session_leader = BPF_CORE_READ(leader, numbers[0].nr);
	origin->tty_major = BPF_CORE_READ(driver, major);
	origin->tty_minor = BPF_CORE_READ(driver, minor_start) + BPF_CORE_READ(tty, index);
	bpf_core_read(origin->tty, TTY_SIZE, &tty->name);
	origin->tty[TTY_SIZE - 1] = 0;
}

/* A thread may be a parent; what is told is its process. The parent of pid 0 is pid 0. */
static __always_inline void fill_ancestors(struct origin *origin, struct task_struct *task)
{
#pragma unroll
	for (int i = 0; i < ANCESTORS; i++) {
		struct task_struct *leader;

		task = BPF_CORE_READ(task, real_parent);
		leader = BPF_CORE_READ(task, group_leader);
		origin->ancestor_pid[i] = BPF_CORE_READ(task, tgid);
		bpf_core_read(origin->ancestor_comm[i], COMM_SIZE, &leader->comm);
	}
}

/* Not inlined: all functions on the way to the deepest one share one stack, and this is on none. */
static __attribute__((noinline)) void
fill_origin(struct origin *origin, const struct event_header *header, const struct matches *matches)
{
	struct task_struct *task = current_task();

	origin->kind = EVENT_ORIGIN | header->kind;
	origin->size = sizeof(*origin) + header->size;
	origin->time_low = header->time_low;
	origin->time_high = header->time_high;
	origin->rule_set = matches->set;
	origin->rules_low = matches->rules;
	origin->rules_high = matches->rules >> 32;
	origin->container = in_container();
	fill_login(origin, task);
	fill_terminal(origin, task);
	fill_ancestors(origin, task);
}

#endif
