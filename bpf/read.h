/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Reading the kernel's memory where it is read often. From Linux 6.2 on, an address can be taken for
 * that of one of the kernel's types and be read in place, which costs a tenth of a helper's call. The
 * object that is compiled with CASTS=1 does so; the other has the helper called, for older kernels
 * and those without a JIT compiler. What is read seldom is left to BPF_CORE_READ. Where there is
 * nothing to be read, either gives 0.
 */
#ifndef EBPF_AGENT_READ_H
#define EBPF_AGENT_READ_H

/* Not in the other object, weak or not: libbpf would look for it in modules, which takes CAP_SYS_ADMIN. */
extern void *bpf_rdonly_cast(const void *address, u32 type) __ksym;

#define CAST(address, type) ((type *)bpf_rdonly_cast(address, bpf_core_type_id_kernel(type)))

/* READ(pointer, a.b): pointer->a.b */
#define READ(pointer, field)                                       \
	({                                                         \
		typeof(pointer) read_from = (pointer);             \
		CASTS ? CAST(read_from, typeof(*read_from))->field \
		      : BPF_CORE_READ(read_from, field);           \
	})

/* An address as a number, which is all that a global function takes: its distance from nothing. */
static __always_inline u64 address_of(const void *pointer)
{
	if (!CASTS)
		return (u64)pointer;
	return (u64)CAST(pointer, struct list_head) - (u64)CAST(NULL, struct list_head);
}

/* Eight bytes, of whatever they are. */
static __always_inline u64 read_word(const void *address)
{
	return address_of(READ((struct list_head *)address, next));
}

#endif
