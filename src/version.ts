/** The agent's version, from deno.json alone. @module */
import project from "../deno.json" with { type: "json" };

/** As in `build_info` and in `ebpf-agent version`. */
export const VERSION: string = project.version;
