/** Declares a test that needs the kernel, and root. @module */

/** A test that runs as root only. In CI it runs as whoever is there, so that it fails, not skips. */
export function kernelTest(name: string, run: () => Promise<void>): void {
  const root = Deno.uid() === 0;
  const ignore = !root && Deno.env.get("CI") === undefined;
  Deno.test({ name: ignore ? `${name} (skipped: needs root)` : name, ignore, fn: run });
}
