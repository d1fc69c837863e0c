import { equal } from "node:assert/strict";
import { versionText } from "./version.ts";

Deno.test("versionText() names the version of deno.json, of Deno, and the machine", () => {
  const { version } = JSON.parse(
    Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)),
  );
  const { os, arch } = Deno.build;
  equal(versionText(), `ebpf-agent ${version} (deno ${Deno.version.deno}, ${os} ${arch})\n`);
});
