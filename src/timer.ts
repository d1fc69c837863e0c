/** Timers that end with their owner. @module */

/** Calls it each so many milliseconds, until the result is disposed. */
export function every(ms: number, call: () => void): Disposable {
  const timer = setInterval(call, ms);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Calls it once, after so many milliseconds, unless the result is disposed before. */
export function after(ms: number, call: () => void): Disposable {
  const timer = setTimeout(call, ms);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
