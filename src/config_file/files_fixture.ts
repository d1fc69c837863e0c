/** Files for tests that are held in memory, beside the disk's. @module */
import { type Files, UnreadableError } from "./files.ts";

/** Files by path; a text that is an errno's name cannot be read. Patterns know `*` alone. */
export function filesOf(contents: Readonly<Record<string, string>>): Files {
  return {
    read: (path) => {
      const text = contents[path] ?? "ENOENT";
      if (/^E[A-Z]+$/.test(text)) throw new UnreadableError(text);
      return new TextEncoder().encode(text);
    },
    find: (pattern, folder) => {
      const whole = pattern.startsWith("/") ? pattern : folder + pattern;
      if (!whole.includes("*")) return [whole];
      const parts = whole.split("*").map((part) => part.replaceAll(/[^\w/]/g, "\\$&"));
      const found = new RegExp(`^${parts.join("[^/]*")}$`);
      return Object.keys(contents).filter((path) => found.test(path)).sort();
    },
  };
}
