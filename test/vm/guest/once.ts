/** What several checks look at is done once. @module */

/** Does something when first asked, and hands the same result to all who ask again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => result ??= make();
}
