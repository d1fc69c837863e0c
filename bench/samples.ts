/** What a section measured, and how it is kept from one call to the next. @module */

/** Of each tool each figure, once a round; NaN where it could not be had. */
export type Samples = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

/** Samples while they are taken. */
export class Recorder {
  readonly samples: Record<string, Record<string, number[]>> = {};

  /** Adds one round's figures of a tool. */
  add(tool: string, figures: Readonly<Record<string, number>>): void {
    const row = this.samples[tool] ??= {};
    for (const [name, value] of Object.entries(figures)) (row[name] ??= []).push(value);
  }
}

/** A figure of a tool in all rounds; none where it was not measured. */
export function figure(samples: Samples, tool: string, name: string): readonly number[] {
  return samples[tool]?.[name] ?? [];
}

/** What a section measured, when, and how. */
export interface Result {
  readonly takenAt: string;
  readonly rounds: number;
  readonly quick: boolean;
  /** Cores that other programs kept busy just before. */
  readonly busy: number;
  /** Cores that the hypervisor gave to others meanwhile. */
  readonly stolen: number;
  readonly samples: Samples;
}

/** Keeps a section's result in a folder. */
export async function saveResult(folder: string, section: string, result: Result): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${section}.json`, JSON.stringify(result, null, 1));
}

/** The last result of a section, where there is one. */
export async function loadResult(folder: string, section: string): Promise<Result | undefined> {
  try {
    const text = await Deno.readTextFile(`${folder}/${section}.json`);
    // JSON has null for NaN.
    return JSON.parse(text, (_, value) => value === null ? NaN : value);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
