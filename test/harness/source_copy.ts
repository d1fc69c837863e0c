/** A copy of the source in which a test may break something. @module */
import { checkout } from "./checkout.ts";
import { output } from "./process.ts";

/** What the agent needs to run, and its BPF object to be built. */
const PARTS = ["src", "bpf", "deno.json", "deno.lock"];

export class SourceCopy implements AsyncDisposable {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(): Promise<SourceCopy> {
    const root = await Deno.makeTempDir({ prefix: "source-" });
    await output(["cp", "-r", ...PARTS.map((part) => `${checkout}/${part}`), root]);
    return new SourceCopy(root);
  }

  /** Replaces a text that stands in a file exactly once. */
  async replace(file: string, from: string, to: string): Promise<void> {
    const text = await Deno.readTextFile(`${this.root}/${file}`);
    const found = text.split(from).length - 1;
    if (found !== 1) {
      throw new Error(`Cannot break ${file}: ${JSON.stringify(from)} stands in it ${found} times`);
    }
    await Deno.writeTextFile(`${this.root}/${file}`, text.replace(from, () => to));
  }

  /** The BPF objects, of which the kernel decides which is used. */
  get objects(): readonly string[] {
    return ["agent.bpf.o", "agent.cast.bpf.o"].map((name) => `${this.root}/bpf/${name}`);
  }

  /** Builds the BPF objects from the copy's source. */
  async buildBpf(): Promise<void> {
    await Promise.all(this.objects.map(async (object, casts) => {
      const options = ["-O2", "-g", "-target", "bpf", "-D__TARGET_ARCH_x86", `-DCASTS=${casts}`];
      await output(["clang", ...options, "-c", `${this.root}/bpf/agent.bpf.c`, "-o", object]);
      await output(["llvm-strip", "-g", object]);
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.root, { recursive: true });
  }
}
