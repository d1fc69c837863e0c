/** A timer that ends with its owner. @module */

/** Calls it each so many milliseconds, until the result is disposed. */
export function every(ms: number, call: () => void): Disposable {
  const timer = setInterval(call, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
