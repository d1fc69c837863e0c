/** Finds out whether the addresses can be listened on, as the agent would. @module */
import { formatListenAddress, type ListenAddress } from "../cli/listen_address.ts";
import { serve } from "../http/server.ts";
import { createLog } from "../log.ts";
import type { Requirement } from "./report.ts";
import { sentenceOf } from "./sentence.ts";

/** Listens on one after the other for a moment. */
export async function portRequirement(listen: readonly ListenAddress[]): Promise<Requirement> {
  const id = "port";
  const log = createLog({ level: "error", format: "text", write: () => {} });
  try {
    for (const address of listen) {
      const handler = () => new Response(null, { status: 503 });
      await serve({ listen: [address], log, handler }).close();
    }
  } catch (error) {
    return { id, status: "degraded", ...sentenceOf(error) };
  }
  const names = listen.map(formatListenAddress).join(" and ");
  return { id, status: "ok", found: `${names} can be listened on`, remedy: null };
}
