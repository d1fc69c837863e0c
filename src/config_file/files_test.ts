import { deepEqual, equal, throws } from "node:assert/strict";
import { diskFiles, isUnreadable } from "./files.ts";
import { MOST_BYTES } from "../documents/text.ts";

async function withFolder(name: string, act: (folder: string) => Promise<void> | void) {
  const outer = await Deno.makeTempDir({ prefix: "config-" });
  const folder = `${outer}/${name}/`;
  try {
    await Deno.mkdir(folder);
    await act(folder);
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
}

function refuses(path: string, reason: string): void {
  throws(() => diskFiles.read(path), (error) => isUnreadable(error) && error.message === reason);
}

Deno.test("diskFiles reads a file, and of a large one no more than tells that it is", async () => {
  await withFolder("f", async (folder) => {
    await Deno.writeTextFile(`${folder}a`, "é\n");
    equal(new TextDecoder().decode(diskFiles.read(`${folder}a`)), "é\n");
    await Deno.writeFile(`${folder}b`, new Uint8Array(MOST_BYTES * 2));
    equal(diskFiles.read(`${folder}b`).length, MOST_BYTES + 1);
    equal(diskFiles.read("/dev/null").length, 0);
    equal(diskFiles.read("/dev/zero").length, MOST_BYTES + 1);
  });
});

Deno.test("diskFiles says what cannot be read, and waits for no FIFO", async () => {
  await withFolder("f", async (folder) => {
    refuses(`${folder}absent`, "there is no such file");
    refuses(`${folder}absent/x`, "there is no such file");
    refuses(folder, "it is a folder");
    await Deno.writeTextFile(`${folder}file`, "");
    refuses(`${folder}file/x`, "there is no such file");
    await Deno.symlink("loop", `${folder}loop`);
    refuses(`${folder}loop`, "its symbolic links go in a circle");
    const made = await new Deno.Command("mkfifo", { args: [`${folder}fifo`] }).output();
    equal(made.code, 0);
    refuses(`${folder}fifo`, "it is a pipe or device, and a file is needed");
  });
});

Deno.test("diskFiles finds files by pattern, in order, whatever their folder is called", async () => {
  for (const name of ["plain", "a b", "[x]*?", "back\\slash"]) {
    await withFolder(name, async (folder) => {
      for (const file of ["b.yaml", "a.yaml", "é.yaml", "other", ".hidden.yaml"]) {
        await Deno.writeTextFile(folder + file, "");
      }
      const found = ["a.yaml", "b.yaml", "é.yaml"].map((file) => folder + file);
      deepEqual(diskFiles.find("*.yaml", folder), found);
      deepEqual(diskFiles.find("[ab].yaml", folder), found.slice(0, 2));
      deepEqual(diskFiles.find("*.yml", folder), []);
      deepEqual(diskFiles.find("absent.yaml", folder), [`${folder}absent.yaml`]);
      deepEqual(diskFiles.find("/dev/nul?", folder), ["/dev/null"]);
      deepEqual(diskFiles.find("/dev/null", folder), ["/dev/null"]);
    });
  }
});

Deno.test("diskFiles says which folder of a pattern cannot be read; an absent one has no files", async () => {
  await withFolder("f", async (folder) => {
    await Deno.writeTextFile(`${folder}file`, "");
    for (const pattern of ["absent/*.yaml", "file/*.yaml", "*/*.yaml"]) {
      deepEqual(diskFiles.find(pattern, folder), [], pattern);
    }
    await Deno.symlink("loop", `${folder}loop`);
    throws(
      () => diskFiles.find("loop/*.yaml", folder),
      (error) => isUnreadable(error) && error.message === "its symbolic links go in a circle",
    );
  });
});
