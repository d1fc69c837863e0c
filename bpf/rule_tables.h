/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* The tables of the rules, which user space fills, and the memory that matching an event needs. */
#ifndef EBPF_AGENT_RULE_TABLES_H
#define EBPF_AGENT_RULE_TABLES_H

/*
 * The agent writes another number to shared.slot, and then a map to this map of maps: the kernel
 * returns from that only when no program can still be running that began before.
 */
struct barrier {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
};

struct barrier barrier SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, u32);
	__array(values, struct barrier);
} barriers SEC(".maps") = { .values = { &barrier } };

#define RULE_TABLE(name_, type_, key_, value_, ...)    \
	struct {                                       \
		__uint(type, type_);                   \
		__uint(max_entries, RULE_ENTRIES * 2); \
		__type(key, key_);                     \
		__type(value, value_);                 \
		__VA_ARGS__                            \
	} name_ SEC(".maps")

RULE_TABLE(rule_names, BPF_MAP_TYPE_HASH, struct rule_name_key, struct rule_name_bits);
RULE_TABLE(rule_paths, BPF_MAP_TYPE_HASH, struct rule_path_key, struct rule_path_bits);
RULE_TABLE(rule_comms, BPF_MAP_TYPE_HASH, struct rule_comm_key, struct rule_bits);
RULE_TABLE(rule_uids, BPF_MAP_TYPE_HASH, struct rule_uid_key, struct rule_bits);
RULE_TABLE(rule_prefixes, BPF_MAP_TYPE_LPM_TRIE, struct rule_prefix_key, struct rule_bits,
	   __uint(map_flags, BPF_F_NO_PREALLOC););
RULE_TABLE(rule_suffixes, BPF_MAP_TYPE_LPM_TRIE, struct rule_suffix_key, struct rule_bits,
	   __uint(map_flags, BPF_F_NO_PREALLOC););
RULE_TABLE(watched_names, BPF_MAP_TYPE_HASH, struct watched_name_key, u32);
RULE_TABLE(watched_files, BPF_MAP_TYPE_HASH, struct watched_file_key, u32);

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 2);
	__type(key, u32);
	__type(value, struct rule_counters);
} rule_counters SEC(".maps");

/* One event while it is matched. Keys stand here because the stack is 512 bytes for all functions. */
struct matching {
	struct rule_bits found[2]; /* of path and exe */
	u32 builtin; /* enum builtin */
	u32 walked; /* 1: the walker's memory holds the path of the event's file */
	u8 before[8]; /* zero: what is read from the text's end on may begin before it */
	u8 text[2 * NAME_SIZE];
	struct dentry_copy dentry; /* of the file at hand */
	struct rule_name_key name;
	struct rule_path_key path;
	struct rule_comm_key comm;
	struct rule_suffix_key suffix;
	struct watched_name_key watched_name;
	struct watched_file_key watched_file;
};

/* Memory of its own for the agent's own program. */
#define WALKER_IDENTIFY WALKERS

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, WALKERS + 1);
	__type(key, u32);
	__type(value, struct matching);
} matchings SEC(".maps");

static __always_inline struct matching *matching_of(u32 walker)
{
	return bpf_map_lookup_elem(&matchings, &walker);
}

static __always_inline struct rule_set *rules_of_slot(u32 slot)
{
	return &shared.sets[slot & 1];
}

/* Asked once for an event, which from there on passes the slot on. */
static __always_inline struct rule_set *find_rules(void)
{
	return rules_of_slot(*(volatile u32 *)&shared.slot);
}

static __always_inline struct watched *watched_file(u32 index)
{
	return &shared.watched[index & (2 * RULE_ENTRIES - 1)];
}

static __always_inline void add_bits(struct rule_bits *found, const struct rule_bits *bits)
{
	if (!bits)
		return;
	found->any |= bits->any;
	found->none |= bits->none;
}

/* The rules that are left where `found` is all that is to be known of a field. */
static __always_inline u64 left_by(const struct rule_set *set, enum rule_field field, u64 rules,
				   const struct rule_bits *found)
{
	return rules & (found->any | set->indifferent[field]) & ~found->none;
}

#endif
