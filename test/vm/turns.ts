/** Lets so many tasks run at a time. @module */

/** A function that runs tasks, at most `many` of them at the same time, in the order they come. */
export function taking(many: number): <T>(task: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running === many) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The next one takes this one's place.
      if (next === undefined) running--;
      else next();
    }
  };
}
