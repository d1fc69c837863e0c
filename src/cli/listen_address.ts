/** Addresses to listen on, as users write them: `[HOST]:PORT`. @module */
import { quoted, ValueError } from "../words/values.ts";

/** Where a server listens. */
export interface ListenAddress {
  /** A name, an IPv4 address, or an IPv6 address without brackets; undefined: every interface. */
  readonly host: string | undefined;
  /** 0 takes a free port. */
  readonly port: number;
}

/** Parses `127.0.0.1:9110`, `localhost:9110`, `[::1]:9110` or `:9110`. Throws a {@link ValueError}. */
export function parseListenAddress(text: string): ListenAddress {
  const parts = /^(?<host>\[.*\]|[^:]*):(?<port>[^:\]]*)$/.exec(text)?.groups;
  if (parts === undefined) throw new ValueError(`${quoted(text)} ${whyNotAnAddress(text)}`);
  const { host = "", port = "" } = parts;
  return { host: host === "" ? undefined : parseHost(host, text), port: parsePort(port, text) };
}

/** Writes an address as {@link parseListenAddress} reads it. */
export function formatListenAddress({ host = "", port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this host can reach the address. */
export function isLoopback({ host }: ListenAddress): boolean {
  if (host === undefined) return false;
  if (host.includes(":")) return /^(::1|::ffff:7f[0-9a-f]{2}:[0-9a-f]+)$/.test(host);
  return isIpv4(host) ? host.startsWith("127.") : /^(.*\.)?localhost\.?$/i.test(host);
}

const HIGHEST_PORT = 65_535;

function whyNotAnAddress(text: string): string {
  if (/^\d+$/.test(text)) return `is no address; write ":${text}" for every interface`;
  if (text.includes("://")) return `is a URL; write HOST:PORT alone, such as "127.0.0.1:9110"`;
  if (text.includes("[")) return `is no address; write IPv6 as "[::1]:9110"`;
  if (text.includes(":")) return `is ambiguous; write IPv6 in brackets, as "[::1]:9110"`;
  return `has no port; write "HOST:PORT", such as "127.0.0.1:9110"`;
}

function parsePort(port: string, text: string): number {
  const number = /^\d+$/.test(port) ? Number(port) : NaN;
  if (number <= HIGHEST_PORT) return number;
  throw new ValueError(
    `${quoted(text)} has ${port === "" ? "no port" : `the port ${quoted(port)}`}; ` +
      `write a number 0 to ${HIGHEST_PORT} after the colon`,
  );
}

function parseHost(host: string, text: string): string {
  if (host.startsWith("[")) {
    // The URL parser also brings IPv6 into its one canonical form.
    const canonical = /^\[[0-9a-f:.]+\]$/i.test(host) && URL.parse(`http://${host}/`)?.hostname;
    if (canonical) return canonical.slice(1, -1);
    throw new ValueError(`${quoted(text)} holds no IPv6 address; write it as "[::1]:9110"`);
  }
  if (isIpv4(host) || isHostname(host)) return host;
  const hint = host === "*" ? `write ":PORT" for every interface` : "write a name or an IP address";
  throw new ValueError(`${quoted(text)} holds no valid host; ${hint}`);
}

function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

/** A name by RFC 1123; a last label of digits would be a mistyped IPv4 address. */
function isHostname(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  return host.length <= 253 && !/^\d+$/.test(labels.at(-1) ?? "") &&
    labels.every((label) => /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i.test(label));
}
