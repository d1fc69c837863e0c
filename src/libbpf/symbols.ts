/** The functions of libbpf that are called, with the kind of each pointer in its type. @module */

/** `struct bpf_object *`; passing another kind of pointer in its place does not compile. */
export type BpfObjectPointer = Deno.PointerObject<"bpf_object">;
export type BpfProgramPointer = Deno.PointerObject<"bpf_program">;
export type BpfMapPointer = Deno.PointerObject<"bpf_map">;
export type BpfLinkPointer = Deno.PointerObject<"bpf_link">;
/** `const char *`: NUL-terminated and libbpf's own. */
export type CStringPointer = Deno.PointerObject<"char">;

/** The functions as they can be called. */
export type LibbpfSymbols = Deno.StaticForeignLibraryInterface<typeof LIBBPF_SYMBOLS>;

/** How libbpf hands over what it has to say: level, format and `va_list`. */
export const PRINT_CALLBACK = {
  parameters: ["u32", "pointer", "pointer"],
  result: "i32",
} as const satisfies Deno.UnsafeCallbackDefinition;

const object = "pointer" as Deno.NativeTypedPointer<BpfObjectPointer>;
const program = "pointer" as Deno.NativeTypedPointer<BpfProgramPointer>;
const map = "pointer" as Deno.NativeTypedPointer<BpfMapPointer>;
const link = "pointer" as Deno.NativeTypedPointer<BpfLinkPointer>;
const text = "pointer" as Deno.NativeTypedPointer<CStringPointer>;

/** What every libbpf has that tells its version; asked before anything else is looked up. */
export const VERSION_SYMBOLS = {
  libbpf_major_version: { parameters: [], result: "u32" },
  libbpf_minor_version: { parameters: [], result: "u32" },
} as const satisfies Deno.ForeignLibraryInterface;

/**
 * Signatures of bpf/libbpf.h and bpf/bpf.h. A function that libbpf 1.0 does not have takes
 * `optional: true`. Functions of the object, its programs and maps take pointers, those that reach
 * the kernel take descriptors. An int below zero is an errno; so is what errno holds after a null.
 */
export const LIBBPF_SYMBOLS = {
  ...VERSION_SYMBOLS,
  libbpf_set_print: { parameters: ["function"], result: "pointer" },
  libbpf_strerror: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  libbpf_num_possible_cpus: { parameters: [], result: "i32" },

  bpf_object__open_mem: { parameters: ["buffer", "usize", "buffer"], result: object },
  bpf_object__load: { parameters: [object], result: "i32" },
  bpf_object__close: { parameters: [object], result: "void" },
  bpf_object__find_program_by_name: { parameters: [object, "buffer"], result: program },
  bpf_object__find_map_by_name: { parameters: [object, "buffer"], result: map },
  bpf_object__next_program: { parameters: [object, program], result: program },

  bpf_program__name: { parameters: [program], result: text },
  bpf_program__set_autoload: { parameters: [program, "bool"], result: "i32" },
  bpf_program__fd: { parameters: [program], result: "i32" },
  bpf_program__attach: { parameters: [program], result: link },
  bpf_program__attach_tracepoint: { parameters: [program, "buffer", "buffer"], result: link },
  bpf_program__attach_kprobe: { parameters: [program, "bool", "buffer"], result: link },
  bpf_program__set_attach_target: { parameters: [program, "i32", "buffer"], result: "i32" },
  bpf_link__fd: { parameters: [link], result: "i32" },
  bpf_link__destroy: { parameters: [link], result: "i32" },

  bpf_map__fd: { parameters: [map], result: "i32" },
  bpf_map__type: { parameters: [map], result: "u32" },
  bpf_map__key_size: { parameters: [map], result: "u32" },
  bpf_map__value_size: { parameters: [map], result: "u32" },
  bpf_map__max_entries: { parameters: [map], result: "u32" },
  bpf_map__set_max_entries: { parameters: [map, "u32"], result: "i32" },
  bpf_map__set_autocreate: { parameters: [map, "bool"], result: "i32" },
  bpf_map__initial_value: { parameters: [map, "buffer"], result: "pointer" },
  bpf_map__set_initial_value: { parameters: [map, "buffer", "usize"], result: "i32" },

  bpf_map_lookup_elem: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  bpf_map_update_elem: { parameters: ["i32", "buffer", "buffer", "u64"], result: "i32" },
  bpf_map_delete_elem: { parameters: ["i32", "buffer"], result: "i32" },
  bpf_map_get_next_key: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  bpf_prog_test_run_opts: { parameters: ["i32", "buffer"], result: "i32" },
  bpf_obj_get_info_by_fd: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  bpf_enable_stats: { parameters: ["u32"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;
