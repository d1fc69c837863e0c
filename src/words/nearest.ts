/** The right word nearest to a mistyped one, for "did you mean". @module */

/**
 * The candidate nearest to `word`, or undefined where none is near enough to be what was meant.
 * Case does not count. A beginning (`priv`), more than the whole (`execve`), and a name without
 * its section (`listen-address` for `web.listen-address`) are near.
 */
export function nearest<T extends string>(word: string, candidates: readonly T[]): T | undefined {
  const wanted = word.toLowerCase();
  let best: T | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = distanceBetween(wanted, candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/**
 * How many insertions, deletions, replacements and swaps of neighbours turn one text into the
 * other (optimal string alignment).
 */
export function editDistance(from: string, to: string): number {
  const width = to.length;
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: width + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= width; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return last[width] ?? 0;
}

const SHORTEST_BEGINNING = 3;

function distanceBetween(word: string, candidate: string): number {
  const withoutSection = candidate.replace(/^[^._]*[._]/, "");
  return Math.min(
    limitedDistance(word, candidate),
    oneBeginsTheOther(word, candidate) ? 1 : Infinity,
    withoutSection === candidate ? Infinity : limitedDistance(word, withoutSection) + 0.5,
  );
}

/** The edit distance, or infinity above a third of the candidate: then it is another word. */
function limitedDistance(word: string, candidate: string): number {
  const limit = Math.max(1, Math.floor(candidate.length / 3));
  if (Math.abs(word.length - candidate.length) > limit) return Infinity;
  const distance = editDistance(word, candidate);
  return distance <= limit ? distance : Infinity;
}

function oneBeginsTheOther(word: string, candidate: string): boolean {
  return Math.min(word.length, candidate.length) >= SHORTEST_BEGINNING &&
    (candidate.startsWith(word) || word.startsWith(candidate));
}
