/** Who ran a command by sudo, and as whom. @module */

/** By name, or by number where a user has none. */
export interface SudoUsers {
  readonly user: string;
  readonly target: string;
}
