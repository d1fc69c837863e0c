/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Rules about files: by base name, and by exact path. An exact path is a name in a directory; the file
 * that stands there is learned when it is opened by that name, which finds it through a hard link
 * too. The first misses no replacement by rename, which user space would hear of too late. All of it
 * is in terms of this side, since stat(2) does not tell the kernel's device on every filesystem.
 */
#ifndef EBPF_AGENT_RULE_FILES_H
#define EBPF_AGENT_RULE_FILES_H

/* Names under which one file may be watched so that all are told when it is opened by another. */
#define SAME_FILE 4

static __always_inline bool has_length(const u64 *lengths, u32 length)
{
	length = short_length(length);
	return lengths[length >> 6] >> (length & 63) & 1;
}

static __always_inline u32 bucket_of(u64 number)
{
	return number * 0x9e3779b97f4a7c15ULL >> 54;
}

/* Of a name, by as little of it as one read gives: enough for all but a few. */
static __always_inline u32 bucket_of_name(const unsigned char *name, u32 length)
{
	u64 first = read_word(name);

	if (length < 8)
		first &= (1ULL << length * 8) - 1;
	return bucket_of(first ^ length);
}

static __always_inline bool may_have_name(const struct rule_set *set, const struct dentry_copy *dentry)
{
	return has_length(set->name_lengths, dentry->length) &&
	       set->names[bucket_of_name(dentry->name, dentry->length)];
}

/* Whether match_file() can find anything; nearly all files are done with here. */
static __always_inline bool may_be_named(struct matching *m, const struct rule_set *set,
					 struct dentry *dentry, struct inode *inode)
{
	copy_dentry(&m->dentry, dentry);
	return may_have_name(set, &m->dentry) || set->inodes[bucket_of(READ(inode, i_ino))];
}

/*
 * Two factors a word: with one, a difference in the uppermost bit would stay where it is, and could be
 * taken back by the next word.
 */
static __always_inline u64 mixed(u64 hash, u64 word)
{
	hash = (hash ^ word) * settings.hash_factor;
	hash = (hash ^ hash >> 32) * settings.hash_factor;
	return hash ^ hash >> 29;
}

/* Hashes `length` bytes of the text from `at` on, eight at a time. */
__attribute__((noinline)) u64 hash_text(u32 walker, u32 at, u32 length)
{
	struct matching *m = matching_of(walker);
	u64 hash = (settings.hash_seed ^ length) * settings.hash_factor;
	u32 whole = length & (NAME_SIZE - 8), rest = length & 7;
	u8 *text;

	if (!m)
		return 0;
	text = m->text + (at & (NAME_SIZE - 1));
	for (u32 i = 0; i < NAME_SIZE && i < whole; i += 8)
		hash = mixed(hash, *(u64 *)(text + i));
	if (rest)
		hash = mixed(hash, *(u64 *)(text + whole) & ((1ULL << rest * 8) - 1));
	return hash;
}

/* Adds the rules that name the base name which stands in the text. */
static __always_inline void match_name(struct matching *m, u32 slot, u32 field, u64 hash)
{
	struct rule_name_bits *named;

	m->name.table = slot * 2 + field;
	m->name.hash = hash;
	named = bpf_map_lookup_elem(&rule_names, &m->name);
	if (!named)
		return;
	add_bits(&m->found[field], &named->bits);
	m->builtin |= named->builtin;
}

/*
 * The file with a watched name is another one than before, or the first. Not one store: while they
 * last, an open of it by a hard link alone could be missed.
 */
__attribute__((noinline)) int learn_file(u32 slot, u32 index, u64 inode, u64 device_generation)
{
	struct watched *watched = watched_file(index);
	struct watched_file_key key = { .file = watched->file, .slot = slot };
	u32 *found, other;

	found = bpf_map_lookup_elem(&watched_files, &key);
	if (found && *found == index) {
		other = watched->also - 1;
		/* The other may stand for another file by now: nobody would take the old one away. */
		if (watched->also && same_file(&watched_file(other)->file, &key.file))
			bpf_map_update_elem(&watched_files, &key, &other, BPF_ANY);
		else
			bpf_map_delete_elem(&watched_files, &key);
	}
	key.file.inode = inode;
	key.file.device_generation = device_generation;
	found = bpf_map_lookup_elem(&watched_files, &key);
	watched->also = found && *found != index ? *found + 1 : 0;
	watched->file = key.file;
	rules_of_slot(slot)->inodes[bucket_of(inode)] = 1;
	bpf_map_update_elem(&watched_files, &key, &index, BPF_ANY);
	return 0;
}

static __always_inline void add_watched(struct matching *m, u32 field, const struct watched *file)
{
	add_bits(&m->found[field], &file->bits[field]);
	m->builtin |= file->builtin;
}

/* An exact path is its name in its directory, whatever file that is. */
static __always_inline void match_watched_name(struct matching *m, u32 slot, u32 field, u64 hash,
					       struct dentry *dentry, struct inode *inode)
{
	struct file_identity *file = &m->watched_file.file;
	struct dentry *parent = m->dentry.parent;
	struct watched *found;
	u32 *index;

	read_identity(&m->watched_name.directory, READ(parent, d_inode));
	m->watched_name.hash = hash;
	m->watched_name.slot = slot;
	index = bpf_map_lookup_elem(&watched_names, &m->watched_name);
	if (!index)
		return;
	found = watched_file(*index);
	add_watched(m, field, found);
	read_identity(file, inode);
	/* One that was replaced still has its name, and is not to be taken for what stands there. */
	if (!same_file(&found->file, file) && !is_unhashed(dentry))
		learn_file(slot, *index, file->inode, file->device_generation);
}

/* And the file that was last seen there, by whatever name it is opened now. */
static __always_inline void match_watched_file(struct matching *m, u32 slot, u32 field,
					       struct inode *inode)
{
	u32 *index, next;

	read_identity(&m->watched_file.file, inode);
	m->watched_file.slot = slot;
	index = bpf_map_lookup_elem(&watched_files, &m->watched_file);
	if (!index)
		return;
	next = *index;
	for (int i = 0; i < SAME_FILE; i++) {
		struct watched *found = watched_file(next);

		if (!same_file(&found->file, &m->watched_file.file))
			return;
		add_watched(m, field, found);
		if (!found->also)
			return;
		next = found->also - 1;
	}
}

/*
 * Adds the rules that name a file by its base name, or by its path where that is an exact one. The
 * dentry has been copied by may_be_named().
 */
__attribute__((noinline)) int match_file(u32 walker, u32 slot, u32 field, u64 dentry, u64 inode)
{
	struct matching *m = matching_of(walker);
	struct rule_set *set = rules_of_slot(slot);
	u32 length;
	u64 hash;

	if (!m)
		return 0;
	field &= 1;
	if (may_have_name(set, &m->dentry)) {
		length = short_length(m->dentry.length);
		bpf_probe_read_kernel(m->text, length, m->dentry.name);
		hash = hash_text(walker, 0, length);
		match_name(m, slot, field, hash);
		match_watched_name(m, slot, field, hash, (void *)dentry, (void *)inode);
	}
	if (set->inodes[bucket_of(READ((struct inode *)inode, i_ino))])
		match_watched_file(m, slot, field, (void *)inode);
	return 0;
}

/*
 * Run by the agent on itself, never attached: says what a descriptor's file is. Its arguments are the
 * descriptor, and where the file is to be known by it, a slot and an index of `watched`.
 */
SEC("raw_tp/sys_enter")
int identify(struct bpf_raw_tracepoint_args *ctx)
{
	u32 walker = WALKER_IDENTIFY, slot = ctx->args[1], index = ctx->args[2], length;
	struct matching *m = matching_of(walker);
	struct identified *found = &shared.identified;
	struct file *file = file_of(ctx->args[0]);
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	const unsigned char *name;

	shared.own_pid = bpf_get_current_pid_tgid() >> 32;
	if (!m || !file)
		return 1;
	length = short_length(BPF_CORE_READ(dentry, d_name.len));
	name = BPF_CORE_READ(dentry, d_name.name);
	bpf_probe_read_kernel(m->text, length, name);
	read_identity(&found->file, BPF_CORE_READ(file, f_inode));
	read_identity(&found->directory, BPF_CORE_READ(dentry, d_parent, d_inode));
	found->hash = hash_text(walker, 0, length);
	found->length = length;
	found->bucket = bucket_of_name(name, length);
	if (slot < 2)
		learn_file(slot, index, found->file.inode, found->file.device_generation);
	return 0;
}

#endif
