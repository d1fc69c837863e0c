import { deepEqual, equal } from "node:assert/strict";
import { openLibc } from "../kernel/libc.ts";
import { directoriesTo, PathAlarm } from "./path_alarm.ts";

Deno.test("directoriesTo() gives each directory once, before those below it", () => {
  deepEqual(directoriesTo(["/file", "/a/b/file", "/a/c", "/d/e/f/g"]), [
    "/",
    "/a",
    "/a/b",
    "/d",
    "/d/e",
    "/d/e/f",
  ]);
});

Deno.test("rang() tells of names that come, go or change on the way to a path, once", async () => {
  using libc = openLibc();
  using alarm = new PathAlarm(libc);
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/a/b`, { recursive: true });
  await Deno.mkdir(`${folder}/beside`);
  await Deno.writeTextFile(`${folder}/new`, "");
  const path = `${folder}/a/b/file`;
  const changes: readonly (readonly [what: string, change: () => void])[] = [
    ["made", () => Deno.writeTextFileSync(path, "")],
    ["linked", () => Deno.linkSync(path, `${folder}/a/b/link`)],
    ["renamed", () => Deno.renameSync(`${folder}/a/b/link`, `${folder}/a/b/other`)],
    ["replaced", () => Deno.renameSync(`${folder}/new`, path)],
    ["removed", () => Deno.removeSync(path)],
    ["a directory renamed", () => Deno.renameSync(`${folder}/a/b`, `${folder}/a/c`)],
    ["a directory made", () => Deno.mkdirSync(`${folder}/a/b`)],
    ["its directory renamed", () => Deno.renameSync(`${folder}/a`, `${folder}/other`)],
  ];
  for (const [what, change] of changes) {
    listenAnew(alarm, path);
    change();
    equal(alarm.rang(), true, what);
    equal(alarm.rang(), false, what);
  }
  listenAnew(alarm, path);
  Deno.writeTextFileSync(`${folder}/beside/file`, "");
  Deno.writeTextFileSync(`${folder}/other/c/file`, "");
  equal(alarm.rang(), false, "elsewhere");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("rang() tells nothing of paths that are listened to no more", async () => {
  using libc = openLibc();
  using alarm = new PathAlarm(libc);
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/a`);
  alarm.listen([`${folder}/a/file`]);
  listenAnew(alarm, "/nowhere/file");
  await Deno.writeTextFile(`${folder}/a/file`, "");
  equal(alarm.rang(), false);
  await Deno.remove(folder, { recursive: true });
});

/** The kernel tells that a directory is listened to no more; it is none of what is asked here. */
function listenAnew(alarm: PathAlarm, path: string): void {
  alarm.listen([path]);
  alarm.rang();
}
