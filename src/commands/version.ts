/** What `ebpf-agent version` shows. @module */
import { VERSION } from "../version.ts";

/** Names the agent's version, and what it runs on. */
export function versionText(): string {
  const { os, arch } = Deno.build;
  return `ebpf-agent ${VERSION} (deno ${Deno.version.deno}, ${os} ${arch})\n`;
}
