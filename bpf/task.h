/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The current task. From Linux 5.11 on it can be read in place, which costs a tenth of a helper's
 * call for each pointer on the way; the verifier removes the branch that the kernel has no need of.
 */
#ifndef EBPF_AGENT_TASK_H
#define EBPF_AGENT_TASK_H

#define HAS_TASK_BTF bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_get_current_task_btf)

/* TASK(task, a, b.c): task->a->b.c of the current task. */
#define TASK_ARROW1(task, a) (task)->a
#define TASK_ARROW2(task, a, b) (task)->a->b
#define TASK_ARROW3(task, a, b, c) (task)->a->b->c
#define TASK_ARROWS(_1, _2, _3, name, ...) name
#define CURRENT(...)                                                                      \
	(HAS_TASK_BTF ? TASK_ARROWS(__VA_ARGS__, TASK_ARROW3, TASK_ARROW2,                \
				    TASK_ARROW1)(bpf_get_current_task_btf(), __VA_ARGS__) \
		      : BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), __VA_ARGS__))

/*
 * The current task and what it leads to, where much is read of it and seldom: by helpers, because for
 * each load in place the verifier of newer kernels looks through all of the kernel's types.
 */
static __always_inline struct task_struct *current_task(void)
{
	return (void *)bpf_get_current_task();
}

#define READ(pointer, field) BPF_CORE_READ(pointer, field)

/* Copies the first 16 bytes of a text. */
#define READ_TEXT(into, pointer, field) bpf_core_read(into, 16, &(pointer)->field)

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
