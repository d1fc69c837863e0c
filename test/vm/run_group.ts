/** Runs a group of checks on a kernel, in a machine of its own. @module */
import { buildInitrd, GUEST, type Initrd } from "./initrd.ts";
import { kernelImage, type Release } from "./kernels.ts";
import { type Boot, boot } from "./machine.ts";
import { crashedAtBoot, judge, type Verdict } from "./report.ts";

export interface GroupOptions {
  /** Parameters of the kernel. */
  readonly parameters?: readonly string[];
  /** The machine's clock counts instructions. */
  readonly countInstructions?: boolean;
  /** How long it may report nothing: each check takes half a minute, on a busy machine some. */
  readonly silenceMs?: number;
}

/** Boots the kernel, and judges what the group's checks report. */
export async function runGroup(
  release: Release,
  group: string,
  options: GroupOptions = {},
): Promise<Verdict & { readonly boot: Boot }> {
  const start = async () =>
    await boot({
      kernel: await kernelImage(release, say),
      initrd: await theInitrd(),
      command: [GUEST.deno, "run", "--quiet", "--allow-all", RUNNER, group],
      parameters: options.parameters,
      countInstructions: options.countInstructions,
      silenceMs: options.silenceMs ?? SILENCE_MS,
    });
  const first = await start();
  // Emulation has its accidents; before anything of ours ran, they say nothing about it.
  const last = crashedAtBoot(first) ? await start() : first;
  return { ...judge(last), boot: last };
}

const RUNNER = `${GUEST.checkout}/test/vm/guest/main.ts`;
const SILENCE_MS = 600_000;

let initrd: Promise<Initrd> | undefined;

/** Made once, for it takes a second; still in use, lest another run take it for forgotten. */
async function theInitrd(): Promise<Initrd> {
  const made = await (initrd ??= buildInitrd());
  await Deno.utime(made.path, new Date(), new Date());
  return made;
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}
