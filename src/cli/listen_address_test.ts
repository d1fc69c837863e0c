import { deepEqual, equal, throws } from "node:assert/strict";
import { formatListenAddress, isLoopback, parseListenAddress } from "./listen_address.ts";
import { ValueError } from "../words/values.ts";

Deno.test("parseListenAddress() reads hosts, names and ports", () => {
  const cases: readonly (readonly [string, string | undefined, number])[] = [
    [":3000", undefined, 3000],
    [":0", undefined, 0],
    ["127.0.0.1:9110", "127.0.0.1", 9110],
    ["0.0.0.0:65535", "0.0.0.0", 65535],
    ["localhost:9110", "localhost", 9110],
    ["metrics.example.org:80", "metrics.example.org", 80],
    ["my_host-1:80", "my_host-1", 80],
    ["[::1]:9110", "::1", 9110],
    ["[::]:9110", "::", 9110],
    ["[0:0:0:0:0:0:0:1]:1", "::1", 1],
    ["[FE80::1]:1", "fe80::1", 1],
  ];
  for (const [text, host, port] of cases) deepEqual(parseListenAddress(text), { host, port }, text);
});

Deno.test("parseListenAddress() refuses everything else, and says what to write", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["3000", /^"3000" is no address; write ":3000" for every interface$/],
    ["localhost", /^"localhost" has no port; write "HOST:PORT"/],
    ["localhost:", /has no port; write a number 0 to 65535/],
    [":", /has no port/],
    ["localhost:http", /has the port "http"; write a number 0 to 65535/],
    [":65536", /has the port "65536"/],
    [":-1", /has the port "-1"/],
    [":99999999999999999999", /has the port/],
    ["::1:9110", /is ambiguous; write IPv6 in brackets, as "\[::1\]:9110"$/],
    ["::1", /write IPv6 in brackets/],
    ["[::1]", /write IPv6 as "\[::1\]:9110"$/],
    ["[::1]9110", /write IPv6 as/],
    ["[]:1", /holds no IPv6 address/],
    ["[127.0.0.1]:1", /holds no IPv6 address/],
    ["[::1%lo]:1", /holds no IPv6 address/],
    ["[::1]@[::2]:1", /holds no IPv6 address/],
    ["[x/y]:1", /holds no IPv6 address/],
    ["http://localhost:9110", /is a URL; write HOST:PORT alone/],
    ["*:9110", /holds no valid host; write ":PORT" for every interface$/],
    ["256.0.0.1:1", /holds no valid host/],
    ["127.1:1", /holds no valid host/],
    ["01.2.3.4:1", /holds no valid host/],
    ["a b:1", /holds no valid host/],
    [" :1", /holds no valid host/],
    ["-a:1", /holds no valid host/],
    ["a..b:1", /holds no valid host/],
    [`${"a".repeat(64)}:1`, /holds no valid host/],
    [":1\n", /has the port "1\\n"/],
  ];
  for (const [text, message] of cases) {
    throws(
      () => parseListenAddress(text),
      (error) => error instanceof ValueError && message.test(error.message),
      `${text} should be refused with ${message}`,
    );
  }
});

Deno.test("formatListenAddress() writes what parseListenAddress() reads", () => {
  for (const text of [":3000", "127.0.0.1:9110", "localhost:0", "[::1]:9110"]) {
    equal(formatListenAddress(parseListenAddress(text)), text);
  }
});

Deno.test("isLoopback() knows what only this host can reach", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["127.0.0.1:1", true],
    ["127.255.0.9:1", true],
    ["localhost:1", true],
    ["LocalHost.:1", true],
    ["a.localhost:1", true],
    ["[::1]:1", true],
    ["[::ffff:127.0.0.1]:1", true],
    [":1", false],
    ["0.0.0.0:1", false],
    ["[::]:1", false],
    ["[::ffff:10.0.0.1]:1", false],
    ["192.168.1.127:1", false],
    ["12.7.0.1:1", false],
    ["localhost.example.org:1", false],
    ["notlocalhost:1", false],
    ["127.example.org:1", false],
  ];
  for (const [text, loopback] of cases) equal(isLoopback(parseListenAddress(text)), loopback, text);
});
