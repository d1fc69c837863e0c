import { equal } from "node:assert/strict";
import type { ListenAddress } from "../cli/listen_address.ts";
import { EXIT } from "../errors.ts";
import { listenError } from "./listen_error.ts";

const CASES: readonly (readonly [ListenAddress, Error, string])[] = [
  [
    { host: "127.0.0.1", port: 80 },
    Object.assign(new Error("Permission denied (os error 13)"), { code: "EACCES" }),
    "Cannot listen on 127.0.0.1:80: permission denied (EACCES). Choose a port of 1024 or above " +
    "with --web.listen-address, or run with CAP_NET_BIND_SERVICE",
  ],
  [
    { host: "::1", port: 9110 },
    Object.assign(new Error("Address family not supported"), { code: "EAFNOSUPPORT" }),
    "Cannot listen on [::1]:9110: the kernel has no IPv6 (EAFNOSUPPORT). Choose another with " +
    "--web.listen-address",
  ],
  [
    { host: undefined, port: 9110 },
    new TypeError("Invalid argument (os error 22)"),
    "Cannot listen on :9110: Invalid argument (os error 22). Choose another with " +
    "--web.listen-address",
  ],
];

for (const [address, cause, message] of CASES) {
  Deno.test(`listenError() explains "${cause.message}"`, () => {
    const error = listenError(address, cause);
    equal(error.message, message);
    equal(error.exitCode, EXIT.failed);
    equal(error.cause, cause);
  });
}
