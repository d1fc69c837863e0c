/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Who asked for /etc/passwd: the program itself, or the C library's name service (getpwnam). The
 * library passes a path of its own read-only data, everybody else one of the program's, its stack's or
 * its heap's: what the path's address is mapped from tells them apart.
 *
 * The process's tree of mappings is read by hand, and without its lock: while it changes, the answer may
 * be none. bpf_find_vma() gives up then, and came with Linux 5.17, in a form that older kernels refuse
 * even where it cannot be reached.
 */
#ifndef EBPF_AGENT_NAME_SERVICE_H
#define EBPF_AGENT_NAME_SERVICE_H

/* A maple tree's node is 32 words, laid out alike from Linux 6.1 to 7.2: its parent, bounds, slots. */
#define MAPLE_NODE 256 /* bytes; in the lower bits of a pointer to one stands its type */
#define MAPLE_TYPE(node) ((node) >> 3 & 15)
#define MAPLE_LEAVES 2 /* the types below: each slot is a mapping */
#define LEAF_BOUNDS 15
#define LEAF_SLOTS 16
#define BRANCH_SLOTS 10
#define BRANCH_END 30 /* behind the slots and as many gaps: how many bounds are in use */
#define MAPLE_DEPTH 6
#define RB_DEPTH 36 /* of a red-black tree of 2^16 mappings, and then some */

#define PAGE_OF(address) ((address) >> 12)

static __always_inline bool is_leaf(u64 node)
{
	return MAPLE_TYPE(node) < MAPLE_LEAVES;
}

/* How many of a node's bounds are in use; a leaf says so in its last slot, unless that is taken. */
static __always_inline u64 bounds_in_use(const u64 *words, bool leaf)
{
	if (!leaf)
		return words[BRANCH_END] & 15;
	return words[LEAF_BOUNDS] ? LEAF_BOUNDS : words[LEAF_SLOTS + LEAF_BOUNDS] & 15;
}

/*
 * How many of a node's bounds lie below an address: in pages, as the last of all is 2^64 - 1, and
 * without branches, each of which would be verified; the barrier keeps clang from making any.
 */
static __always_inline u64 bounds_below(const u64 *words, u64 in_use, u64 address)
{
	u64 count = 0;

	for (u64 i = 0; i < LEAF_BOUNDS; i++) {
		u64 below = (PAGE_OF(words[1 + i]) - PAGE_OF(address)) & (i - in_use);

		asm volatile("" : "+r"(below));
		count += below >> 63;
	}
	return count;
}

/* What stands in a node for an address: a node below it, or in a leaf the mapping. */
__attribute__((noinline)) u64 slot_for(u32 walker, u64 node, u64 address)
{
	struct matching *m = matching_of(walker);
	bool leaf = is_leaf(node);
	u64 *words, place;

	if (!m)
		return 0;
	words = (u64 *)m->text;
	if (bpf_probe_read_kernel(words, MAPLE_NODE, (void *)(node & ~(u64)(MAPLE_NODE - 1))))
		return 0;
	place = bounds_below(words, bounds_in_use(words, leaf), address);
	return words[((leaf ? LEAF_SLOTS : BRANCH_SLOTS) + place) & 31];
}

static __always_inline u64 mapping_in_maple_tree(struct mm_struct *mm, u32 walker, u64 address)
{
	u64 entry = (u64)BPF_CORE_READ(mm, mm_mt.ma_root);
	bool found = (entry & 3) != 2; /* a process with one mapping has no node */

	for (int i = 0; i < MAPLE_DEPTH && !found; i++) {
		found = is_leaf(entry);
		entry = slot_for(walker, entry, address);
	}
	return found ? entry : 0;
}

/* Before Linux 6.1: the lowest mapping that ends above an address. Without branches, as above. */
static __always_inline u64 mapping_in_rb_tree(struct mm_struct *mm, u64 address)
{
	u64 node = (u64)BPF_CORE_READ(mm, mm_rb.rb_node), found = 0;

	for (int i = 0; i < RB_DEPTH && node; i++) {
		u64 mapping = node - bpf_core_field_offset(struct vm_area_struct, vm_rb);
		u64 right = node + bpf_core_field_offset(struct rb_node, rb_right);
		u64 end = BPF_CORE_READ((struct vm_area_struct *)mapping, vm_end);
		u64 below = (address - end) >> 63;

		asm volatile("" : "+r"(below));
		found = (found & (below - 1)) | (mapping & -below);
		/* The left child stands behind the right one. */
		bpf_probe_read_kernel(&node, sizeof(node), (u64 *)right + below);
	}
	return found;
}

/* The first eight bytes of the name of the file that an address is mapped from; 0 where there is none. */
static __always_inline u64 name_mapped_at(u32 walker, u64 address)
{
	struct mm_struct *mm = CURRENT(mm);
	struct vm_area_struct *mapping;
	u64 name = 0;

	if (bpf_core_field_exists(struct mm_struct, mm_rb))
		mapping = (void *)mapping_in_rb_tree(mm, address);
	else
		mapping = (void *)mapping_in_maple_tree(mm, walker, address);
	if (address < BPF_CORE_READ(mapping, vm_start) || address >= BPF_CORE_READ(mapping, vm_end))
		return 0;
	bpf_probe_read_kernel(&name, sizeof(name),
			      BPF_CORE_READ(mapping, vm_file, f_path.dentry, d_name.name));
	return name;
}

#define BEGINS_WITH(word, text) (!(((word) ^ first_word(text)) << (9 - sizeof(text)) * 8))

/* Of a text of at most eight bytes, as a number. */
static __always_inline u64 first_word(const char *text)
{
	u64 word = 0;

	for (int i = 0; i < 8 && text[i]; i++)
		word |= (u64)text[i] << i * 8;
	return word;
}

/* Whether an address lies in the C library, or in a module of its name service. */
__attribute__((noinline)) int is_in_c_library(u32 walker, u64 address)
{
	u64 name = name_mapped_at(walker, address);

	return BEGINS_WITH(name, "libc.") || BEGINS_WITH(name, "libc-") ||
	       BEGINS_WITH(name, "libnss_") || BEGINS_WITH(name, "ld-musl");
}

/* The path's address in the registers of the system call under way, where a kernel needs that. */
__attribute__((noinline)) u64 path_in_registers(void)
{
	struct pt_regs *regs;
	struct call_args args;
	bool is_first;
	u32 number;

	/* Those that do not may lack the helper, and verify this all the same. */
	if (bpf_core_field_exists(struct filename, uptr))
		return 0;
	regs = (void *)bpf_task_pt_regs(bpf_get_current_task_btf());
	number = BPF_CORE_READ(regs, CALL_NUMBER);
	is_first = (in_32bit_call() ? call_32bit(number) : call_64bit(number)) == CALL_OPEN;
	read_args(&args, regs);
	return is_first ? args.value[0] : args.value[1];
}

/* Where the program has a path that the kernel has copied: Linux 7.0 and later do not note it. */
static __always_inline u64 origin_of_name(struct filename *name)
{
	if (bpf_core_field_exists(struct filename, uptr))
		return (u64)BPF_CORE_READ(name, uptr);
	return path_in_registers();
}

#endif
