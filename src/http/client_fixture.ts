/** A client for tests that may send what no well-behaved one would. @module */

/** A connection on which requests are written by hand. */
export class RawClient implements Disposable {
  readonly #connection: Deno.TcpConn;
  #received = "";

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async connect(address: { readonly host: string; readonly port: number }) {
    return new RawClient(await Deno.connect({ hostname: address.host, port: address.port }));
  }

  /** Writes all of it. */
  async send(text: string): Promise<void> {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
  }

  /** Reads until all that was received matches, or the server closes the connection. */
  async receive(until: RegExp = /(?!)/): Promise<string> {
    const chunk = new Uint8Array(65_536);
    while (!until.test(this.#received)) {
      const size = await this.#connection.read(chunk).catch(nullWhereReset);
      if (size === null) break;
      this.#received += new TextDecoder().decode(chunk.subarray(0, size));
    }
    return this.#received;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** A request and its whole response, on a connection of its own. */
export async function exchange(
  address: { readonly host: string; readonly port: number },
  request: string,
): Promise<string> {
  using client = await RawClient.connect(address);
  await client.send(request);
  return await client.receive();
}

/** A server that closes with unread bytes left resets the connection. */
function nullWhereReset(error: unknown): null {
  if (error instanceof Deno.errors.ConnectionReset) return null;
  throw error;
}
