/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The exit of system calls, for the kinds of event that have no better hook. One program serves them
 * all: whatever is attached here, every system call of the machine pays for it.
 */
#ifndef EBPF_AGENT_CALLS_H
#define EBPF_AGENT_CALLS_H

/* `kinds` has bit 1 << kind for each that is seen here, by this program. */
static __always_inline int call_returned(void *ctx, u32 kinds, struct pt_regs *regs, u32 number,
					 long result)
{
	enum call call = call_of(number);
	struct call_args args;

	if (call == CALL_OTHER)
		return 0;
	if (is_open(call)) {
		if (!(kinds & (1 << EVENT_OPEN)))
			return 0;
		read_args(&args, regs);
		return opened_by_call(ctx, call, &args, result);
	}
	if (is_exec(call) && result < 0 && (kinds & (1 << EVENT_EXEC))) {
		read_args(&args, regs);
		exec_failed(ctx, WALKER_EXECVE, call, &args, result);
	}
	if (kinds & (1 << EVENT_PRIVILEGE))
		compare_user(ctx, WALKER_PRIVILEGE, bpf_get_current_pid_tgid());
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(calls_btf_exit, struct pt_regs *regs, long result)
{
	return call_returned(ctx, settings.at_btf_exit, regs, regs->CALL_NUMBER, result);
}

SEC("raw_tp/sys_exit")
int BPF_PROG(calls_raw_exit, struct pt_regs *regs, long result)
{
	u32 number = BPF_CORE_READ(regs, CALL_NUMBER);

	return call_returned(ctx, settings.at_raw_exit, regs, number, result);
}

#endif
