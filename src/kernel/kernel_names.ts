/** The names in the kernel's type information, which tell what functions and tracepoints it has. @module */
import { errnoName } from "./errno.ts";
import { cString, type Libc } from "./libc.ts";
import { KernelFileError, readKernelPart } from "./read_file.ts";

/** Where the kernel gives its type information. */
export const BTF_PATH = "/sys/kernel/btf/vmlinux";

/**
 * As in stdio.h and string.h. The kernel gives a page of this file at a time: one fread instead of a
 * thousand reads, and memmem, keep the start free of loops that have V8's compilers come in, which
 * take 40 ms and 5 MB.
 */
export const NAMES_SYMBOLS = {
  fopen: { parameters: ["buffer", "buffer"], result: "pointer" },
  fseek: { parameters: ["pointer", "isize", "i32"], result: "i32" },
  fread: { parameters: ["buffer", "usize", "usize", "pointer"], result: "usize" },
  fclose: { parameters: ["pointer"], result: "i32" },
  memmem: { parameters: ["buffer", "usize", "buffer", "usize"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** `struct btf_header` of linux/btf.h: its mark and size, and where it tells of the strings. */
const HEADER = {
  magic: 0,
  headerSize: 4,
  stringsOffset: 16,
  stringsSize: 20,
  byteSize: 24,
} as const;
const MAGIC = 0xeb9f;

const SEEK_SET = 0;

/** The names, for as long as this is not disposed. */
export class KernelNames implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof NAMES_SYMBOLS>;
  readonly #strings: Uint8Array<ArrayBuffer>;

  /** Called by {@link readKernelNames}; takes the library over. */
  constructor(
    library: Deno.DynamicLibrary<typeof NAMES_SYMBOLS>,
    strings: Uint8Array<ArrayBuffer>,
  ) {
    this.#library = library;
    this.#strings = strings;
  }

  /** Whether the kernel has something of this name. */
  has(name: string): boolean {
    const { memmem } = this.#library.symbols;
    const strings = this.#strings;
    const wanted = new TextEncoder().encode(`\0${name}\0`);
    return memmem(strings, BigInt(strings.length), wanted, BigInt(wanted.length)) !== null;
  }

  [Symbol.dispose](): void {
    this.#library.close();
    // Nothing else would have the garbage collector come for these megabytes soon.
    this.#strings.buffer.transfer(0);
  }
}

/** Reads the names; throws a KernelFileError, ENODATA where the file has no type information. */
export function readKernelNames(libc: Libc, path = BTF_PATH): KernelNames {
  const header = readHeader(libc, path);
  const start = header.getUint32(HEADER.headerSize, true) +
    header.getUint32(HEADER.stringsOffset, true);
  const strings = new Uint8Array(header.getUint32(HEADER.stringsSize, true));
  using resources = new DisposableStack();
  const library = resources.adopt(Deno.dlopen("libc.so.6", NAMES_SYMBOLS), (it) => it.close());
  const { fopen, fseek, fread, fclose } = library.symbols;
  const file = fopen(cString(path), cString("re"));
  if (file === null) throw new KernelFileError(path, errnoName(libc.errno()));
  fseek(file, BigInt(start), SEEK_SET);
  const size = fread(strings, 1n, BigInt(strings.length), file);
  fclose(file);
  if (Number(size) !== strings.length) throw new KernelFileError(path, "EIO");
  resources.move();
  return new KernelNames(library, strings);
}

function readHeader(libc: Libc, path: string): DataView {
  const bytes = readKernelPart(libc, path, 0, HEADER.byteSize);
  const header = new DataView(bytes.buffer);
  if (bytes.length === HEADER.byteSize && header.getUint16(HEADER.magic, true) === MAGIC) {
    return header;
  }
  throw new KernelFileError(path, "ENODATA");
}
