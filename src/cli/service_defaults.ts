/** What the service is set to where the agent's own default is another. @module */
import type { RunOptionName } from "./options.ts";

/** By the option's name, in the words of a flag. The configuration that is installed has them. */
export const SERVICE_DEFAULTS: Readonly<Partial<Record<RunOptionName, string>>> = {
  output: "json",
  events: "exec,privilege",
};
