/** Why an address cannot be listened on, in words that help. @module */
import { formatListenAddress, type ListenAddress } from "../cli/listen_address.ts";
import { type AgentError, failedError } from "../errors.ts";

interface Explanation {
  readonly reason: string;
  readonly remedy: string;
}

const OTHER_ADDRESS = "Choose another with --web.listen-address";

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  EADDRINUSE: {
    reason: "the address is in use",
    remedy: "Stop what listens there, or choose another with --web.listen-address",
  },
  EACCES: {
    reason: "permission denied",
    remedy: "Choose a port of 1024 or above with --web.listen-address, or run with " +
      "CAP_NET_BIND_SERVICE",
  },
  EADDRNOTAVAIL: { reason: "no interface of this host has the address", remedy: OTHER_ADDRESS },
  EAFNOSUPPORT: { reason: "the kernel has no IPv6", remedy: OTHER_ADDRESS },
};

/** The error for an address as it was asked for, given what the runtime threw. */
export function listenError(address: ListenAddress, cause: unknown): AgentError {
  const { reason, remedy } = explain(cause);
  return failedError(
    `Cannot listen on ${formatListenAddress(address)}: ${reason}. ${remedy}`,
    cause,
  );
}

/** The symbolic errno of an error, such as EADDRINUSE. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function explain(cause: unknown): Explanation {
  const code = errorCode(cause);
  const known = code === undefined ? undefined : EXPLANATIONS[code];
  if (known !== undefined) return { ...known, reason: `${known.reason} (${code})` };
  const message = cause instanceof Error ? cause.message : String(cause);
  const lookup = /^failed to lookup address information: (.*)$/.exec(message)?.[1];
  if (lookup !== undefined) {
    return {
      reason: `the host's name cannot be resolved (${lookup})`,
      remedy: "Correct it, or write an IP address with --web.listen-address",
    };
  }
  return { reason: message, remedy: OTHER_ADDRESS };
}
