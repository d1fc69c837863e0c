/** Serves HTTP on every address asked for, or on none. @module */
import { formatListenAddress, isLoopback, type ListenAddress } from "../cli/listen_address.ts";
import type { Log } from "../log.ts";
import { type BoundAddress, Listener } from "./listener.ts";
import type { Handler } from "./routes.ts";

export type { BoundAddress };

export interface ServeOptions {
  readonly listen: readonly ListenAddress[];
  readonly handler: Handler;
  readonly log: Log;
}

/** A running server. */
export interface HttpServer extends AsyncDisposable {
  /** What is really bound, in the order it was asked for. */
  readonly addresses: readonly BoundAddress[];
  /** Lets responses under way leave for a moment, then closes every connection. */
  close(): Promise<void>;
}

/** Starts to listen; throws an AgentError where one of the addresses cannot be had. */
export function serve({ listen, handler, log }: ServeOptions): HttpServer {
  // It would replace the address asked for by one of its own.
  Deno.env.delete("DENO_SERVE_ADDRESS");
  const listeners: Listener[] = [];
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    for (const address of listen) listeners.push(new Listener({ address, handler, log }));
  } catch (error) {
    close();
    throw error;
  }
  listeners.forEach(({ address }, index) => announce(log, listen[index], address));
  const addresses = listeners.map(({ address }) => address);
  return { addresses, close, [Symbol.asyncDispose]: close };
}

function announce(log: Log, asked: ListenAddress, bound: BoundAddress): void {
  const name = formatListenAddress(bound);
  // Nobody could know a free port otherwise.
  if (asked.port === 0) log.print(`Listening on ${name}`);
  else log.info(`Listening on ${name}`);
  if (isLoopback(bound)) return;
  log.warn(`Whoever can reach ${name} can read the metrics: it is not a loopback address`);
}
