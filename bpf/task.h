/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The current task. It can be read in place from Linux 5.11 on; where it is cast, the verifier has no
 * need to look through all of the kernel's types for each pointer on the way.
 */
#ifndef EBPF_AGENT_TASK_H
#define EBPF_AGENT_TASK_H

#define HAS_TASK_BTF bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/* TASK(task, a, b.c): task->a->b.c of the current task. */
#define TASK_ARROW1(task, a) (task)->a
#define TASK_ARROW2(task, a, b) (task)->a->b
#define TASK_ARROW3(task, a, b, c) (task)->a->b->c
#define TASK_ARROWS(_1, _2, _3, name, ...) name
#define TASK_IN_PLACE                                     \
	(CASTS ? CAST(current_task(), struct task_struct) \
	       : (struct task_struct *)bpf_get_current_task_btf())
#define CURRENT(...)                                                                  \
	(CASTS || HAS_TASK_BTF ? TASK_ARROWS(__VA_ARGS__, TASK_ARROW3, TASK_ARROW2,   \
					     TASK_ARROW1)(TASK_IN_PLACE, __VA_ARGS__) \
			       : BPF_CORE_READ(current_task(), __VA_ARGS__))

static __always_inline struct task_struct *current_task(void)
{
	return (void *)bpf_get_current_task();
}

static __always_inline void read_comm(u8 *into)
{
	if (CASTS) {
		const u32 *comm = (u32 *)CAST(current_task(), struct task_struct)->comm;

#pragma unroll
		for (int i = 0; i < COMM_SIZE / 4; i++)
			((u32 *)into)[i] = comm[i];
		return;
	}
	/* Linux 6.1 leaves what stands behind a short name as it was. */
	__builtin_memset(into, 0, COMM_SIZE);
	bpf_get_current_comm(into, COMM_SIZE);
}

/* Whether it runs in a process namespace other than the initial one. */
static __always_inline bool in_container(void)
{
	return BPF_CORE_READ(current_task(), thread_pid, level) > 0;
}

/* Functions of their own, so that they are verified once and not at each place. */
__attribute__((noinline)) u32 effective_uid(void)
{
	return CURRENT(real_cred, euid.val);
}

__attribute__((noinline)) u32 parent_pid(void)
{
	return CURRENT(real_parent, tgid);
}

#endif
