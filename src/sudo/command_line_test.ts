import assert from "node:assert/strict";
import { parseSudo } from "./command_line.ts";

const PLAIN = { shell: false, background: false };

Deno.test("parseSudo() finds the command behind all that sudo takes for itself", () => {
  const table: [string, string | undefined, string[]][] = [
    ["sudo id", undefined, ["id"]],
    ["sudo systemctl restart nginx", undefined, ["systemctl", "restart", "nginx"]],
    ["sudo -u www-data -g adm ls -l", "www-data", ["ls", "-l"]],
    ["sudo -uwww-data ls", "www-data", ["ls"]],
    ["sudo -nu #33 ls", "#33", ["ls"]],
    ["sudo --user=bob -E ls", "bob", ["ls"]],
    ["sudo --user bob --preserve-env=PATH ls", "bob", ["ls"]],
    ["sudo -p prompt -C 3 -- -odd arg", undefined, ["-odd", "arg"]],
    ["sudo A=1 -n B_2=x ls A=3", undefined, ["ls", "A=3"]],
    ["sudo -k ls", undefined, ["ls"]],
    ["sudo -h host ls", undefined, ["ls"]],
    ["sudo - x", undefined, ["-", "x"]],
    ["sudo -u bob sudo -l", "bob", ["sudo", "-l"]],
  ];
  for (const [line, user, command] of table) {
    assert.deepEqual(parseSudo(line.split(" ")), { user, ...PLAIN, command }, line);
  }
});

Deno.test("parseSudo() tells where a shell is asked for, with a command or without", () => {
  const table: [string, string | undefined, string[]][] = [
    ["sudo -i", undefined, []],
    ["sudo -su bob", "bob", []],
    ["sudo --login id", undefined, ["id"]],
  ];
  for (const [line, user, command] of table) {
    const expected = { user, shell: true, background: false, command };
    assert.deepEqual(parseSudo(line.split(" ")), expected, line);
  }
});

Deno.test("parseSudo() tells where the command is to run in the background", () => {
  for (const line of ["sudo -b id", "sudo -nb id", "sudo --background id", "sudo -b -- id"]) {
    assert.equal(parseSudo(line.split(" "))?.background, true, line);
  }
  assert.equal(parseSudo(["sudo", "id", "-b"])?.background, false);
});

Deno.test("parseSudo() finds no command where none is asked for", () => {
  for (const line of ["", "-l", "-ll", "-l id", "-v", "-k", "-K", "-V", "-e f", "--edit f", "-h"]) {
    assert.equal(parseSudo(["sudo", ...line.split(" ").filter(Boolean)]), undefined, line);
  }
  for (const line of ["--help", "--list", "-n", "-u bob", "-u", "A=1", "--"]) {
    assert.equal(parseSudo(["sudo", ...line.split(" ")]), undefined, line);
  }
  assert.equal(parseSudo([]), undefined);
});
