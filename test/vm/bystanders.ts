/** What a system call that the agent does not look at pays for it, by kernel and hook. @module */
/** How a remark of a machine begins that tells it. */
export const BYSTANDER = "bystander";

/** Hooks on functions must not be felt by calls that do not come by them: what emulation is off by. */
export const MOST_BY_FUNCTIONS = 1.02;

/** Instructions of one getppid: without the agent, and with it. */
export interface Bystander {
  readonly hook: string;
  readonly alone: number;
  readonly watched: number;
}

export function bystanderLine({ hook, alone, watched }: Bystander): string {
  return `${BYSTANDER} ${hook} ${alone} ${watched}`;
}

/** What the remarks of a machine tell. */
export function readBystanders(remarks: readonly string[]): readonly Bystander[] {
  return remarks.map((line) => line.split(" ")).filter(([word]) => word === BYSTANDER)
    .map(([, hook = "", alone, watched]) => ({
      hook,
      alone: Number(alone),
      watched: Number(watched),
    }));
}
