/** Runs the proving program, wherever this machine lets it be executed. @module */
import type { Libc } from "../kernel/libc.ts";
import { type Account, readAccounts } from "./deeds.ts";
import { openPlaces, type Place, PlacementError } from "./placement.ts";
import { runProgram, SpawnError } from "./spawn.ts";

/** The proving program cannot be run here. */
export class HelperError extends Error {
  override readonly name = "HelperError";
}

/** A service's own folder, then those that are there everywhere. */
const FOLDERS = ["/run", "/tmp", "/var/tmp", "/dev/shm"] as const;

/** The program for a machine, this one by default; throws a HelperError where there is none. */
export function readHelper(arch: string = Deno.build.arch): Uint8Array<ArrayBuffer> {
  const name = `prove.${arch}`;
  try {
    return Deno.readFileSync(new URL(`./prove/${name}`, import.meta.url));
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new HelperError(`there is no proving program for ${arch}`, { cause });
  }
}

/**
 * Has the program carry out its deeds by children whose names begin with the prefix. Throws a
 * HelperError where it can be executed nowhere, or fails.
 */
export async function runHelper(
  libc: Libc,
  image: Uint8Array<ArrayBuffer>,
  options: { readonly prefix: string; readonly folders?: readonly string[] },
): Promise<ReadonlyMap<string, Account>> {
  using open = openPlaces(libc, options.folders ?? FOLDERS);
  const reasons: string[] = [];
  for (const place of open.places) {
    try {
      return await runAt(place, image, options.prefix);
    } catch (error) {
      const refused = error instanceof PlacementError || error instanceof SpawnError;
      if (!refused) throw error;
      reasons.push(`${place.name}: ${error.message}`);
    }
  }
  throw new HelperError(`the proving program can be executed nowhere (${reasons.join(", ")})`);
}

async function runAt(
  place: Place,
  image: Uint8Array<ArrayBuffer>,
  prefix: string,
): Promise<ReadonlyMap<string, Account>> {
  using placed = place.put(image);
  const { stdout, status } = await runProgram(placed.path, ["prove", prefix]);
  if (status !== 0) throw new HelperError(`the proving program failed with status ${status}`);
  return readAccounts(stdout);
}
