/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What every kind of event has in common: it is counted, filtered, and written to the ring. Counters
 * are added to atomically, because a preempted program may go on after another has run on its CPU.
 */
#ifndef EBPF_AGENT_EVENTS_H
#define EBPF_AGENT_EVENTS_H

/* The first of the object's variables: the agent finds it at the start of their memory. */
struct shared shared = {};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct counters);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} perf_rings SEC(".maps");

/* A record in it wakes the reader; the rings themselves never do. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} perf_doorbell SEC(".maps");

/* The other transport; only the one that is used is created. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096); /* set by the agent */
} ring SEC(".maps");

struct comm {
	u8 bytes[COMM_SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct comm);
	__type(value, u8);
} filter_comm SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u8);
} filter_uid SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, u32);
	__type(value, u8);
} filter_pid SEC(".maps");

static __always_inline struct counters *this_cpu_counters(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

static __always_inline void add_one(u64 *counter)
{
	__sync_fetch_and_add(counter, 1);
}

/* Whether an event of the current task may be told; never of the agent's own. */
static __always_inline bool passes_filters(void)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (pid == shared.own_pid)
		return false;
	if ((settings.filters & FILTER_PID) && !bpf_map_lookup_elem(&filter_pid, &pid))
		return false;
	if (settings.filters & FILTER_UID) {
		u32 uid = effective_uid();

		if (!bpf_map_lookup_elem(&filter_uid, &uid))
			return false;
	}
	if (settings.filters & FILTER_COMM) {
		struct comm comm = {};

		read_comm(comm.bytes);
		if (!bpf_map_lookup_elem(&filter_comm, &comm))
			return false;
	}
	return true;
}

/* An event is wanted for its kind, or for rules that it is told for. */
static __always_inline bool wanted(enum event_kind kind, const struct matches *matches)
{
	if (!(settings.deliver & (1 << kind)) && !(settings.rules && matches->rules))
		return false;
	return passes_filters();
}

/* Counts an event, and tells whether it is to be written to the ring. */
static __always_inline bool count_event(struct counters *counters, enum event_kind kind,
					const struct matches *matches)
{
	add_one(&counters->events[kind].seen);
	if (wanted(kind, matches))
		return true;
	add_one(&counters->events[kind].filtered);
	return false;
}

static __always_inline void fill_header(struct event_header *header, enum event_kind kind)
{
	u64 now = bpf_ktime_get_boot_ns();
	u64 id = bpf_get_current_pid_tgid();

	header->kind = kind;
	header->time_low = now;
	header->time_high = now >> 32;
	header->pid = id >> 32;
	header->tid = id;
	header->ppid = parent_pid();
	header->uid = effective_uid();
	read_comm(header->comm);
}

static __always_inline long write_record(void *ctx, void *record, u64 size)
{
	if (settings.transport == TRANSPORT_RING)
		return bpf_ringbuf_output(&ring, record, size, BPF_RB_NO_WAKEUP);
	return bpf_perf_event_output(ctx, &perf_rings, BPF_F_CURRENT_CPU, record, size);
}

/* Wakes the reader, and tells whether that got through. */
static __always_inline bool ring_doorbell(void *ctx)
{
	u32 zero = 0;
	void *nothing;

	if (settings.transport == TRANSPORT_RING) {
		nothing = bpf_ringbuf_reserve(&ring, sizeof(zero), 0);
		if (!nothing)
			return false;
		bpf_ringbuf_discard(nothing, BPF_RB_FORCE_WAKEUP);
		return true;
	}
	return !bpf_perf_event_output(ctx, &perf_doorbell, BPF_F_CURRENT_CPU, &zero, sizeof(zero));
}

/*
 * Wakes the reader where it sleeps until there is a record, once: a wake-up costs the traced process
 * more than everything else here. To be called behind the record and an atomic addition, which on
 * x86 keeps the reader from sleeping on a record that it has not seen; elsewhere that might happen,
 * and the reader looks for it each second.
 */
static __always_inline void wake_reader(void *ctx)
{
	u32 awaited = *(volatile u32 *)&shared.awaited;

	if (awaited != *(volatile u32 *)&shared.rung && ring_doorbell(ctx))
		*(volatile u32 *)&shared.rung = awaited;
}

/*
 * Writes a record of `size` bytes to the ring and counts what became of it. In front of the event
 * there is room for its origin.
 */
static __always_inline void submit(void *ctx, struct counters *counters, struct event_header *header,
				   enum event_kind kind, u64 size, const struct matches *matches)
{
	void *record = header;

	header->size = size;
	if (kind == EVENT_EXEC || kind == EVENT_PRIVILEGE || matches->rules) {
		record -= sizeof(struct origin);
		fill_origin(record, header, matches);
		size += sizeof(struct origin);
	}
	if (write_record(ctx, record, size)) {
		add_one(&counters->events[kind].lost);
		return;
	}
	add_one(&counters->events[kind].submitted);
	wake_reader(ctx);
}

#endif
