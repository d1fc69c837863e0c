/** One address that is listened on until it is closed, come what may. @module */
import { formatListenAddress, type ListenAddress } from "../cli/listen_address.ts";
import type { Log } from "../log.ts";
import { errorCode, listenError } from "./listen_error.ts";
import type { Handler } from "./routes.ts";

/** An address that is really bound. */
export interface BoundAddress {
  readonly host: string;
  readonly port: number;
}

export interface ListenerOptions {
  readonly address: ListenAddress;
  readonly handler: Handler;
  readonly log: Log;
}

type State =
  | { readonly state: "serving"; readonly server: Deno.HttpServer; readonly abort: AbortController }
  | { readonly state: "waiting"; readonly timer: ReturnType<typeof setTimeout> }
  | { readonly state: "closed" };

/** How long it waits before it listens again, and between attempts where it cannot. */
const PAUSE_MS = 10;
const RETRY_MS = 1000;
/** After so long without having had to, the log says that it is over. */
const CALM_MS = 60_000;
/** Responses are whole when a handler returns: what is under way is on its way to the socket. */
const GRACE_MS = 50;

/** An HTTP server on one address. */
export class Listener {
  readonly address: BoundAddress;
  readonly #handler: Handler;
  readonly #log: Log;
  #state: State;
  #closing: Promise<void> | undefined;
  /** Runs while connections cannot be accepted now and then. */
  #calm: ReturnType<typeof setTimeout> | undefined;

  /** Listens at once; throws an AgentError where that cannot be. */
  constructor({ address, handler, log }: ListenerOptions) {
    this.#handler = handler;
    this.#log = log;
    const abort = new AbortController();
    const server = this.#listen(address, abort.signal);
    this.address = { host: server.addr.hostname, port: server.addr.port };
    this.#state = this.#serving(server, abort);
  }

  /** Lets responses under way leave for a moment, then closes every connection. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    const was = this.#state;
    this.#state = { state: "closed" };
    clearTimeout(this.#calm);
    if (was.state === "waiting") clearTimeout(was.timer);
    if (was.state !== "serving") return;
    // Not `shutdown`: on Deno 2.4 it waits for idle connections, and forbids `abort` after it.
    was.abort.abort();
    // Whatever it ended of, it has ended.
    await was.server.finished.catch(() => {});
  }

  #listen(address: ListenAddress, signal: AbortSignal): Deno.HttpServer<Deno.NetAddr> {
    const bind = (hostname: string) =>
      Deno.serve(
        { hostname, port: address.port, signal, onListen: () => {}, onError: this.#fail },
        this.#handler,
      );
    try {
      return address.host === undefined ? bindEveryInterface(bind) : bind(address.host);
    } catch (cause) {
      throw listenError(address, cause);
    }
  }

  #serving(server: Deno.HttpServer, abort: AbortController): State {
    // It fails where a connection cannot be accepted. Any client can bring that about, by opening
    // more of them than this process may have descriptors; so those that there are have to go, or
    // whoever has them would be the only one with any. (On Deno 2.4 it fails no sooner than the last
    // of them has ended.)
    server.finished.catch((error) => {
      if (this.#state.state === "closed") return;
      this.#sayCrowded(error);
      abort.abort();
      this.#retryAfter(PAUSE_MS);
    });
    return { state: "serving", server, abort };
  }

  #sayCrowded(error: unknown): void {
    if (this.#calm === undefined) {
      this.#log.warn(
        `Cannot accept a connection on ${this.#name}, and closes those that there are, as often as ` +
          `that happens: ${messageOf(error)}`,
      );
    }
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => {
      this.#calm = undefined;
      this.#log.info(`All connections on ${this.#name} can be accepted again`);
    }, CALM_MS);
  }

  #retryAfter(milliseconds: number): void {
    this.#state = { state: "waiting", timer: setTimeout(() => this.#retry(), milliseconds) };
  }

  #retry(): void {
    const abort = new AbortController();
    try {
      this.#state = this.#serving(this.#listen(this.address, abort.signal), abort);
    } catch {
      this.#retryAfter(RETRY_MS);
    }
  }

  get #name(): string {
    return formatListenAddress(this.address);
  }

  readonly #fail = (error: unknown): Response => {
    this.#log.error(`Cannot answer a request on ${this.#name}: ${messageOf(error)}`);
    return new Response(null, { status: 500 });
  };
}

/** By IPv6 and IPv4 both, or by IPv4 alone where the kernel has nothing else. */
function bindEveryInterface<Server>(bind: (hostname: string) => Server): Server {
  try {
    return bind("::");
  } catch (error) {
    if (errorCode(error) !== "EAFNOSUPPORT" && errorCode(error) !== "EADDRNOTAVAIL") throw error;
    return bind("0.0.0.0");
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
