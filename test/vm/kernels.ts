/** The kernels that are tested: which package of Debian's brings each, and its image in the cache. @module */
import { output } from "../harness/process.ts";
import { type Archive, openArchive, type Package } from "./archive.ts";
import { cached, isCached } from "./cache.ts";

export type Release = keyof typeof KERNELS;

/** By version: the suites to look in, and the names that a package of it can have. */
export const KERNELS = {
  "5.10": {
    suites: ["bullseye-security"],
    name: /^linux-image-5\.10\.0-\d+-cloud-amd64$/,
  },
  "6.1": {
    suites: ["bookworm-security"],
    name: /^linux-image-6\.1\.0-\d+-cloud-amd64$/,
  },
  "6.12": {
    suites: ["trixie-security"],
    name: /^linux-image-6\.12\.\d+\+deb13(\.\d+)?-cloud-amd64$/,
  },
  "6.18": {
    suites: ["trixie-backports"],
    name: /^linux-image-6\.18\.\d+\+deb13(\.\d+)?-cloud-amd64$/,
  },
  // From 7.1 on the image is in a package of its own; backports keep it longer than sid does.
  "7.2": {
    suites: ["sid", "trixie-backports"],
    name: /^linux-binary-7\.2\.\d+\+deb1[34](\.\d+)?-cloud-amd64$/,
  },
} as const satisfies Readonly<Record<string, KernelSource>>;

interface KernelSource {
  readonly suites: readonly string[];
  readonly name: RegExp;
}

export const RELEASES = Object.keys(KERNELS) as readonly Release[];

/** The packages that were tested last, by release. */
export type Lock = Readonly<Partial<Record<Release, Package>>>;

const LOCK = new URL("kernels.lock.json", import.meta.url);

/** Reads the committed lock. */
export async function readLock(): Promise<Lock> {
  return JSON.parse(await Deno.readTextFile(LOCK));
}

/** Writes the newest packages that there are into the lock. */
export async function updateLock(): Promise<void> {
  await using archive = await openArchive(allSuites());
  const lock: Partial<Record<Release, Package>> = {};
  for (const release of RELEASES) {
    lock[release] = newest(release, await archive.named(KERNELS[release].name));
  }
  await Deno.writeTextFile(LOCK, `${JSON.stringify(lock, null, 2)}\n`);
}

/**
 * The image of a kernel: of the lock's package where that is in the cache or in the archive. The
 * archive forgets old ones, and then it is of the newest of the same release.
 */
export function kernelImage(release: Release, say: (line: string) => void): Promise<string> {
  const image = images.get(release) ?? findImage(release, say);
  images.set(release, image);
  return image;
}

/** Whether a kernel's image, once there, is of the very package in the lock. */
export async function isAsLocked(release: Release): Promise<boolean> {
  const locked = (await readLock())[release];
  const image = await images.get(release);
  return locked !== undefined && image?.includes(`/${folderOf(locked)}/`) === true;
}

/** Machines that start at the same time download once. */
const images = new Map<Release, Promise<string>>();

async function findImage(release: Release, say: (line: string) => void): Promise<string> {
  const locked = (await readLock())[release];
  if (locked === undefined) throw new Error(`Cannot boot Linux ${release}: it is not in the lock`);
  if (await isCached(folderOf(locked))) return await unpacked(locked);
  await using archive = await openArchive(KERNELS[release].suites);
  const there = await archive.named(KERNELS[release].name);
  if (there.some((one) => show(one) === show(locked))) return await unpacked(locked, archive);
  const taken = newest(release, there);
  say(`Linux ${release}: the archive no longer has ${show(locked)}, taking ${show(taken)}`);
  return await unpacked(taken, archive);
}

async function unpacked(one: Package, archive?: Archive): Promise<string> {
  const folder = await cached(folderOf(one), async (path) => {
    await archive?.unpack(one, path);
    await keepImage(path);
  });
  return `${folder}/vmlinuz`;
}

function allSuites(): readonly string[] {
  return RELEASES.flatMap((release) => KERNELS[release].suites);
}

function newest(release: Release, packages: readonly Package[]): Package {
  const [first] = packages.toSorted((a, b) => BY_NUMBER.compare(b.version, a.version));
  if (first === undefined) {
    throw new Error(`Cannot find Linux ${release}: no package is ${KERNELS[release].name}`);
  }
  return first;
}

const BY_NUMBER = new Intl.Collator("en", { numeric: true });

/** Of all that is in the package the image alone, in the folder itself. */
async function keepImage(folder: string): Promise<void> {
  const [image] = (await output(["find", folder, "-type", "f", "-name", "vmlinuz*"])).split("\n");
  if (!image) throw new Error(`Cannot find a kernel in ${folder}`);
  await Deno.rename(image, `${folder}/vmlinuz`);
  for await (const { name } of Deno.readDir(folder)) {
    if (name !== "vmlinuz") await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

function folderOf(one: Package): string {
  return `kernel-${one.package}_${one.version.replaceAll(/[^\w.+-]/g, "_")}`;
}

function show(one: Package): string {
  return `${one.package} ${one.version}`;
}
