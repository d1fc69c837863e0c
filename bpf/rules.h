/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Which rules match an event. Each lookup gives the rules that name what was found, as bits; what is
 * left of a kind's rules after all of them has matched. The cheapest come first, and an event is
 * done with as soon as no rule is left. Whatever is looked up costs the same for one rule and for 64.
 *
 * The steps are global functions: each is verified once and not in each program, and takes numbers
 * alone, because Linux 5.10 allows nothing else.
 */
#ifndef EBPF_AGENT_RULES_H
#define EBPF_AGENT_RULES_H

#define NANOSECONDS 1000000000

/* How many bytes stand behind the last slash of a word that has one. */
__attribute__((noinline)) u32 behind_slash(u64 word)
{
	for (u32 behind = 0; behind < 8; behind++) {
		if (word >> 56 == '/')
			return behind;
		word <<= 8;
	}
	return 0;
}

#define LOW_BITS 0x7f7f7f7f7f7f7f7fULL
#define SLASHES 0x2f2f2f2f2f2f2f2fULL

static __always_inline bool has_slash(u64 word)
{
	word ^= SLASHES;
	return ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
}

/*
 * How much of the last `size` bytes of a path, in the text, stands before its base name. Eight at a
 * time from the end, into what stands before the text and is no slash.
 */
__attribute__((noinline)) u32 name_start(u32 walker, u32 size)
{
	struct matching *m = matching_of(walker);

	if (!m)
		return 0;
	for (u32 i = 0; i < NAME_SIZE && i < size; i += 8) {
		u64 word = *(u64 *)(m->before + ((size - i) & (NAME_SIZE - 1)));

		if (has_slash(word))
			return size - i - behind_slash(word);
	}
	return 0;
}

/* Adds the rules that name the base name of a path whose last `size` bytes stand in the text. */
__attribute__((noinline)) int match_tail(u32 walker, u32 slot, u32 size)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = rules_of_slot(slot);
	u32 start = name_start(walker, size), length = size - start;

	if (m && has_length(set->name_lengths, length))
		match_name(m, slot, FIELD_PATH, hash_text(walker, start, length));
	return 0;
}

/* Adds the rules that name the base name of a path in the kernel's memory. */
static __always_inline void match_path_name(struct matching *m, u32 walker, u32 slot,
					    const char *path, u32 size)
{
	u32 last = size < NAME_SIZE - 1 ? size : NAME_SIZE - 1;

	bpf_probe_read_kernel(m->text, short_length(last), path + size - last);
	match_tail(walker, slot, last);
}

static __always_inline void match_prefix(struct matching *m, struct walk *walk, u32 table,
					 u32 start, u32 size)
{
	/* In front of the path, where nothing stands. */
	struct rule_prefix_key *key = (void *)walk->before + SUFFIX_SIZE + start - 8;

	key->table = table;
	key->bits = (sizeof(table) + (size < PREFIX_SIZE ? size : PREFIX_SIZE)) * 8;
	add_bits(&m->found[table & 1], bpf_map_lookup_elem(&rule_prefixes, key));
}

static __always_inline void match_suffix(struct matching *m, struct walk *walk, u32 table, u32 end,
					 u32 size)
{
	u64 *forwards = (void *)walk->before + end, *backwards = (u64 *)m->suffix.text;

	for (int i = 0; i < SUFFIX_SIZE / 8; i++)
		backwards[i] = __builtin_bswap64(forwards[SUFFIX_SIZE / 8 - 1 - i]);
	m->suffix.table = table;
	m->suffix.bits = (sizeof(table) + (size < SUFFIX_SIZE ? size : SUFFIX_SIZE)) * 8;
	add_bits(&m->found[table & 1], bpf_map_lookup_elem(&rule_suffixes, &m->suffix));
}

static __always_inline void match_whole(struct matching *m, struct walk *walk, u32 walker,
					u32 table, u32 start, u32 size, u32 asked)
{
	struct rule_path_bits *found;

	size = short_length(size);
	bpf_probe_read_kernel(m->text, size, walk->bytes + start);
	m->path.table = table;
	m->path.size = size;
	m->path.hash = hash_text(walker, 0, size);
	found = bpf_map_lookup_elem(&rule_paths, &m->path);
	/* A file is told by what it is, unless that cannot be known. */
	if (found && (asked || found->absent))
		add_bits(&m->found[table & 1], &found->bits);
}

/*
 * Adds the rules that name the path in the walker's memory; it need not be looked up for others than
 * `rules`. Asked: it is one that was asked for, and there is no file that would be told by what it is.
 */
__attribute__((noinline)) int match_text(u32 walker, u32 slot, u32 field, u64 rules, u32 asked)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = rules_of_slot(slot);
	struct walk *walk = walk_of(walker);
	u32 table = slot * 2 + (field & 1), start, end, size;

	if (!m || !walk)
		return 0;
	field &= 1;
	start = walk->start;
	end = walk->end;
	if (start >= PATH_SIZE || end > PATH_SIZE)
		return 0;
	size = end - start;
	if (rules & set->by_prefix[field])
		match_prefix(m, walk, table, start, size);
	if (rules & set->by_suffix[field])
		match_suffix(m, walk, table, end, size);
	if ((asked || (rules & set->by_whole[field])) && size < NAME_SIZE &&
	    has_length(set->path_lengths, size))
		match_whole(m, walk, walker, table, start, size, asked);
	return 0;
}

/* The rules that are left after what can be told without looking anything up. */
static __always_inline u64 match_facts(const struct rule_set *set, u64 rules, u32 facts)
{
	struct rule_bits found = {};

	if (set->fields & (1 << FIELD_OUTCOME)) {
		u32 failed = facts;

		/* Lest the compiler takes the bit from where it comes from, without a bound. */
		asm volatile("" : "+r"(failed));
		rules = left_by(set, FIELD_OUTCOME, rules, &set->outcome[failed & FACT_FAILURE]);
	}
	if (!(set->fields & (1 << FIELD_ACCESS)))
		return rules;
	if (facts & FACT_READ)
		add_bits(&found, &set->access[0]);
	if (facts & FACT_WRITE)
		add_bits(&found, &set->access[1]);
	if (facts & FACT_CREATE)
		add_bits(&found, &set->access[2]);
	return left_by(set, FIELD_ACCESS, rules, &found);
}

/* Has the path that was asked for matched, which stands at the start of the walker's memory. */
static __always_inline void match_asked(struct matching *m, struct walk *walk, u32 walker, u32 slot,
					u64 rules, u32 size)
{
	walk->start = 0;
	walk->end = size;
	match_path_name(m, walker, slot, (const char *)walk->bytes, size);
	if (walk->bytes[0] == '/')
		match_text(walker, slot, FIELD_PATH, rules, true);
}

#define TASK_FIELDS \
	(1 << FIELD_CONTAINER | 1 << FIELD_UID | 1 << FIELD_COMM | 1 << FIELD_PARENT_COMM)

#define UID_OF_TASK (~0ULL)

/* The rules that are left after what they say of users and tasks. */
__attribute__((noinline)) u64 match_task(u32 walker, u32 slot, u64 rules, u64 uid)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = rules_of_slot(slot);
	struct rule_uid_key user = { .slot = slot };
	struct rule_bits found;
	u32 fields;

	if (!m)
		return 0;
	fields = set->fields;
	if (fields & (1 << FIELD_CONTAINER))
		rules = left_by(set, FIELD_CONTAINER, rules, &set->container[in_container()]);
	if (rules && (fields & (1 << FIELD_UID))) {
		found = (struct rule_bits){};
		user.uid = uid == UID_OF_TASK ? effective_uid() : uid;
		add_bits(&found, bpf_map_lookup_elem(&rule_uids, &user));
		rules = left_by(set, FIELD_UID, rules, &found);
	}
	if (rules && (fields & (1 << FIELD_COMM))) {
		found = (struct rule_bits){};
		m->comm.table = slot * 2;
		read_comm(m->comm.comm);
		add_bits(&found, bpf_map_lookup_elem(&rule_comms, &m->comm));
		rules = left_by(set, FIELD_COMM, rules, &found);
	}
	if (rules && (fields & (1 << FIELD_PARENT_COMM))) {
		struct task_struct *task = current_task();
		struct task_struct *parent = BPF_CORE_READ(task, real_parent, group_leader);

		found = (struct rule_bits){};
		m->comm.table = slot * 2 + 1;
		__builtin_memset(m->comm.comm, 0, COMM_SIZE);
		bpf_probe_read_kernel_str(m->comm.comm, COMM_SIZE, &parent->comm);
		add_bits(&found, bpf_map_lookup_elem(&rule_comms, &m->comm));
		rules = left_by(set, FIELD_PARENT_COMM, rules, &found);
	}
	return rules;
}

/* Of the rules that name files, those for which the text of a path decides. */
static __always_inline u64 undecided(const struct rule_set *set, u32 field, u64 rules,
				     const struct rule_bits *found)
{
	const struct rule_bits *by_text = &set->by_text[field];

	return rules & ((by_text->any & ~found->any) | by_text->none);
}

/* The rules that may be left whatever the text says. */
static __always_inline u64 still_open(const struct rule_set *set, u32 field, u64 rules,
				      const struct rule_bits *found)
{
	return rules & (found->any | set->indifferent[field] | set->by_text[field].any) &
	       ~found->none;
}

/* The rules that are left after what they say of the program that acts. */
__attribute__((noinline)) u64 match_program(u32 walker, u32 slot, u64 rules)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = rules_of_slot(slot);
	struct mm_struct *mm = CURRENT(mm);
	struct file *file = BPF_CORE_READ(mm, exe_file);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	struct inode *inode = BPF_CORE_READ(file, f_inode);
	struct rule_bits *found;
	u64 open;

	if (!m)
		return 0;
	found = &m->found[FIELD_EXE];
	if (may_be_named(m, set, dentry, inode))
		match_file(walker, slot, FIELD_EXE, (u64)dentry, (u64)inode);
	rules = still_open(set, FIELD_EXE, rules, found);
	open = undecided(set, FIELD_EXE, rules, found);
	if (open) {
		walk_path(walker, (u64)dentry, (u64)BPF_CORE_READ(file, f_path.mnt));
		match_text(walker, slot, FIELD_EXE, open, false);
	}
	return left_by(set, FIELD_EXE, rules, found);
}

/*
 * The rules that are left after what they say of the event's file; its names have been looked up. Its
 * path is walked only where that is still to decide, and last, so that the record finds it.
 */
__attribute__((noinline)) u64 match_path(u32 walker, u32 slot, u64 rules, u64 dentry, u64 mount)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = rules_of_slot(slot);
	struct rule_bits *found;
	u64 open;

	if (!m)
		return 0;
	found = &m->found[FIELD_PATH];
	open = undecided(set, FIELD_PATH, rules, found);
	if (open && dentry) {
		walk_path(walker, dentry, mount);
		m->walked = 1;
		match_text(walker, slot, FIELD_PATH, open, false);
	}
	return left_by(set, FIELD_PATH, rules, found);
}

/* Whatever is to be looked up besides the names of the event's own file, which have been. */
static __always_inline u64 match_rest(struct matching *m, const struct rule_set *set, u32 walker,
				      u64 rules, u64 uid, u64 dentry, u64 mount)
{
	rules = still_open(set, FIELD_PATH, rules, &m->found[FIELD_PATH]);
	if (rules && (set->fields & TASK_FIELDS))
		rules = match_task(walker, set->slot, rules, uid);
	if (rules && (set->fields & (1 << FIELD_EXE)))
		rules = match_program(walker, set->slot, rules);
	if (rules && (set->fields & (1 << FIELD_PATH)))
		rules = match_path(walker, set->slot, rules, dentry, mount);
	return rules;
}

/* The number of the lowest bit, without branches, each of which would be verified. */
static __always_inline u32 lowest_bit(u64 bits)
{
	bits = (bits & -bits) - 1;
	bits -= bits >> 1 & 0x5555555555555555ULL;
	bits = (bits & 0x3333333333333333ULL) + (bits >> 2 & 0x3333333333333333ULL);
	bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fULL;
	return bits * 0x0101010101010101ULL >> 56;
}

/*
 * Counts a match of the lowest of these rules. Returns 1 where that is limited, and has been told as
 * often in this second as it may; CPUs that meet at the turn of a second may tell one more each.
 */
__attribute__((noinline)) u64 count_match(u32 slot, u64 rules, u64 limited, u64 second)
{
	struct rule_counters *counters = bpf_map_lookup_elem(&rule_counters, &slot);
	u32 rule = lowest_bit(rules) & (RULES - 1);
	struct rule_second *last = &shared.seconds[slot & 1][rule];

	if (!counters)
		return 0;
	add_one(&counters->rules[rule].matches);
	if (!(limited & rules & -rules))
		return 0;
	if (last->second != second) {
		last->second = second;
		last->told = 0;
	}
	if (last->told >= rules_of_slot(slot)->rates[rule]) {
		add_one(&counters->rules[rule].suppressed);
		return 1;
	}
	__sync_fetch_and_add(&last->told, 1);
	return 0;
}

/* Counts the rules that matched, and returns those that the event is told for. */
__attribute__((noinline)) u64 count_matches(u32 slot, u64 rules, u32 may_be_told)
{
	struct rule_set *set = rules_of_slot(slot);
	u64 told, limited, second = 0;

	told = may_be_told ? rules & set->emit : 0;
	limited = told & set->limited;
	if (limited)
		second = bpf_ktime_get_ns() / NANOSECONDS;
	for (int i = 0; i < RULES && rules; i++) {
		/* Without a branch, each of which would be verified 64 times. */
		told &= ~((rules & -rules) * count_match(slot, rules, limited, second));
		rules &= rules - 1;
	}
	return told;
}

/* Begins to match an event: the rules about its kind, of which the agent's own meets none. */
static __always_inline u64 begin_matching(struct matching *m, const struct rule_set *set,
					  enum event_kind kind)
{
	u64 rules = set->kinds[kind];

	m->found[FIELD_PATH] = (struct rule_bits){};
	m->found[FIELD_EXE] = (struct rule_bits){};
	m->builtin = 0;
	m->walked = 0;
	return rules && bpf_get_current_pid_tgid() >> 32 != shared.own_pid ? rules : 0;
}

static __always_inline void end_matching(struct matches *matches, const struct rule_set *set,
					 u64 rules)
{
	if (!rules)
		return;
	matches->set = set->number;
	matches->rules = count_matches(set->slot, rules, passes_filters());
}

/* Matches an event that has no file of its own. */
static __always_inline void match_act(struct matches *matches, u32 walker, enum event_kind kind,
				      u64 uid)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = find_rules();
	u64 rules;

	if (!m)
		return;
	rules = begin_matching(m, set, kind);
	if (rules)
		rules = match_facts(set, rules, 0);
	if (rules)
		rules = match_rest(m, set, walker, rules, uid, 0, 0);
	end_matching(matches, set, rules);
}

#endif
