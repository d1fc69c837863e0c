/** What the command `print` can print, the rules that come with the agent among it. @module */

/** The rules that come with the agent, by where they stand in the project and beside the configuration. */
export const RULE_PACK = [
  "rules/execution.yaml",
  "rules/persistence.yaml",
  "rules/privilege.yaml",
  "rules/sensitive-files.yaml",
  "rules/web-server.yaml",
] as const;

/** What `print` can print. */
export const PRINTABLE = [
  "man",
  "bash",
  "zsh",
  "fish",
  "unit",
  "environment",
  "config",
  ...RULE_PACK,
] as const;

export type Printable = (typeof PRINTABLE)[number];
