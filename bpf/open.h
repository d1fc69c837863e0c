/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Every attempt of open, openat, openat2 and creat, at the system call's exit. */
#ifndef EBPF_AGENT_OPEN_H
#define EBPF_AGENT_OPEN_H

#define CREAT_FLAGS 01101 /* O_CREAT | O_WRONLY | O_TRUNC */

struct open_record {
	u8 bytes[sizeof(struct open_event) + PATH_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct open_record);
} open_records SEC(".maps");

static __always_inline u32 open_flags(enum call call, struct call_args *args)
{
	struct open_how how = {};

	switch (call) {
	case CALL_OPEN:
		return args->value[1];
	case CALL_OPENAT:
		return args->value[2];
	case CALL_OPENAT2:
		bpf_probe_read_user(&how, sizeof(how), (void *)args->value[2]);
		return how.flags;
	default:
		return CREAT_FLAGS;
	}
}

static __always_inline const char *open_path(enum call call, struct call_args *args)
{
	bool first = call == CALL_OPEN || call == CALL_CREAT;

	return (const char *)(first ? args->value[0] : args->value[1]);
}

static __always_inline void count_passwd_read(struct counters *counters, u32 descriptor)
{
	struct file *file = file_of(descriptor);

	if (file && is_host_passwd(file) && (BPF_CORE_READ(file, f_mode) & FMODE_READ))
		add_one(&counters->passwd_reads);
}

/* Reads a path of the user's; the size leaves out the NUL. Cut where it has none in PATH_SIZE. */
static __always_inline u32 read_user_path(u8 *into, const char *path, u32 *cut)
{
	long size = bpf_probe_read_user_str(into, PATH_SIZE, path);
	char last = 0;

	if (size <= 0)
		return 0;
	if (size == PATH_SIZE && !bpf_probe_read_user(&last, 1, path + PATH_SIZE - 1) && last)
		*cut |= CUT_PATH;
	return (size - 1) & (PATH_SIZE - 1);
}

static __always_inline int opened(void *ctx, enum call call, struct call_args *args, long result)
{
	struct counters *counters = this_cpu_counters();
	struct open_record *record;
	struct open_event *event;
	u32 zero = 0;

	if (!counters)
		return 0;
	if (result >= 0)
		count_passwd_read(counters, result);
	if (!count_event(counters, EVENT_OPEN))
		return 0;
	record = bpf_map_lookup_elem(&open_records, &zero);
	if (!record)
		return 0;
	event = (void *)record->bytes;
	fill_header(&event->header, EVENT_OPEN);
	event->result = result;
	event->flags = open_flags(call, args);
	event->cut = 0;
	event->path_size = read_user_path(event->bytes, open_path(call, args), &event->cut);
	submit(ctx, counters, &event->header, EVENT_OPEN, sizeof(*event) + event->path_size);
	return 0;
}

static __always_inline int opened_at_exit(void *ctx, struct pt_regs *regs, u32 number, long result)
{
	enum call call = call_of(number);
	struct call_args args;

	if (!is_open(call))
		return 0;
	read_args(&args, regs);
	return opened(ctx, call, &args, result);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(open_btf, struct pt_regs *regs, long result)
{
	return opened_at_exit(ctx, regs, regs->orig_ax, result);
}

SEC("raw_tp/sys_exit")
int BPF_PROG(open_raw, struct pt_regs *regs, long result)
{
	return opened_at_exit(ctx, regs, BPF_CORE_READ(regs, orig_ax), result);
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
	return opened(ctx, call_64bit(ctx->id), &args, ctx->ret);
}

#endif
