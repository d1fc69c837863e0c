/** Declares a test that needs the kernel, and root. @module */

/**
 * A test that runs as root only. In CI it runs as whoever is there, so that it fails, not skips.
 * `lacking` is what else it needs that this machine does not have.
 */
export function kernelTest(name: string, run: () => Promise<void>, lacking?: string): void {
  const root = Deno.uid() === 0 || Deno.env.get("CI") !== undefined;
  const missing = root ? lacking : "root";
  const ignore = missing !== undefined;
  Deno.test({ name: ignore ? `${name} (skipped: needs ${missing})` : name, ignore, fn: run });
}
