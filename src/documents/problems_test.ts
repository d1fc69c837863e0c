import { deepEqual, equal } from "node:assert/strict";
import { EXIT } from "../errors.ts";
import { Problems } from "./problems.ts";

function place(file: string, line: number, column: number) {
  return { file, line, column };
}

Deno.test("Problems tells of all by place, file after file in the order they were read", () => {
  const problems = new Problems();
  equal(problems.none, true);
  for (const file of ["z.yaml", "a.yaml", "z.yaml"]) problems.reading(file);
  problems.add(place("a.yaml", 1, 1), "four");
  problems.add(place("z.yaml", 10, 2), "three");
  problems.add(place("z.yaml", 9, 11), "two");
  problems.add(place("z.yaml", 9, 2), "one");
  equal(problems.none, false);
  deepEqual(problems.lines(), [
    "z.yaml:9:2: one",
    "z.yaml:9:11: two",
    "z.yaml:10:2: three",
    "a.yaml:1:1: four",
  ]);
  const { message, exitCode } = problems.error();
  equal(message, problems.lines().join("\n"));
  equal(exitCode, EXIT.usage);
});

Deno.test("Problems tells of a hundred, and how many more there are", () => {
  const problems = new Problems();
  for (let line = 1; line <= 102; line++) problems.add(place("f", line, 1), "no");
  const lines = problems.error().message.split("\n");
  deepEqual(lines.slice(99), ["f:100:1: no", "... and 2 more"]);
});
