/** A small Debian with systemd, libbpf and curl, to boot the service on. @module */
import { encodeHex } from "../harness/bytes.ts";
import { output } from "../harness/process.ts";
import { cached, forget } from "../vm/cache.ts";

/** The folder that holds it; made with the machine's own apt sources, once. */
export async function rootFilesystem(): Promise<string> {
  const sources = await aptSources();
  const made = new TextEncoder().encode(JSON.stringify([OPTIONS, sources]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", made));
  const name = `rootfs-${encodeHex(digest.subarray(0, 8))}`;
  await forget("rootfs-", name);
  return await cached(name, async (path) => {
    const command = ["mmdebstrap", "--quiet", ...OPTIONS, "", path, "-"];
    await output(command, { stdin: sources, timeoutMs: 600_000 });
  });
}

/** As small as it gets with apt: what the service needs besides, its tests, and nothing else. */
const OPTIONS = ["--mode=root", "--variant=minbase", "--include=systemd,libbpf1,curl"];
const KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The machine's sources of Debian itself, without what else it has. */
async function aptSources(): Promise<string> {
  const format = "$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)";
  const targets = ["apt-get", "indextargets", "--format", format, "Created-By: Packages"];
  const lines = (await output(targets)).split("\n").filter((line) => line.startsWith("Debian "));
  if (lines.length === 0) throw new Error("Cannot make a root filesystem: no apt source is Debian");
  return lines.map((line) => line.replace("Debian", `deb [signed-by=${KEYS}]`) + "\n").join("");
}
