/** Where what is downloaded or made for the virtual machines is kept. @module */

/** The folder, made where it is not there. */
export async function cacheFolder(): Promise<string> {
  const caches = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`;
  const folder = `${caches}/ebpf-agent-vm`;
  await Deno.mkdir(folder, { recursive: true });
  return folder;
}

/**
 * A file or folder of the cache, made where it is not there: in a temporary place and then renamed,
 * so that it is whole or not there, whoever is interrupted and whoever else makes it meanwhile.
 */
export async function cached(name: string, make: (path: string) => Promise<void>): Promise<string> {
  const folder = await cacheFolder();
  const path = `${folder}/${name}`;
  if (await isCached(name)) return path;
  const work = await Deno.makeTempDir({ dir: folder, prefix: "work-" });
  try {
    await make(`${work}/new`);
    await Deno.rename(`${work}/new`, path).catch(async (error) => {
      // A folder is not replaced by another one: somebody was quicker.
      if (!await isCached(name)) throw error;
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return path;
}

/** Whether it has been made before. */
export async function isCached(name: string): Promise<boolean> {
  return await Deno.stat(`${await cacheFolder()}/${name}`).then(() => true, () => false);
}

/** Removes all that begins with `prefix`, but for one, and for what another run may have made just now. */
export async function forget(prefix: string, but?: string): Promise<void> {
  const folder = await cacheFolder();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.startsWith(prefix) || name === but) continue;
    const found = await Deno.stat(`${folder}/${name}`).catch(ifGone);
    if (found === undefined || Date.now() - Number(found.mtime) < RECENT_MS) continue;
    await Deno.remove(`${folder}/${name}`, { recursive: true }).catch(ifGone);
  }
}

/** Another run forgets as well. */
function ifGone(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

const RECENT_MS = 600_000;
