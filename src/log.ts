/** Messages for people and for log collectors: one a line, on stderr. @module */

/** How much a message matters, from least to most. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How messages are to be written down. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** How a line is laid out; the journal has a time of its own, and takes the level as `<6>`. */
export type LogLayout = LogFormat | "journal";

/** What a message is about: shown as `key=value`, or as members of the JSON object. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

/** Writes messages at or above its level. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** Shown at every level, and bare in text: no time, no level. One call is one line. */
  print(message: string, fields?: Fields): void;
}

/** A log whose level can change while it is in use. */
export interface AdjustableLog extends Log {
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: LogLayout;
  /** Takes one line without its newline; writes to stderr unless given. */
  readonly write?: (line: string) => void;
  readonly now?: () => Date;
}

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export const LOG_FORMATS = ["text", "json"] as const;

/**
 * Makes a log. Nothing that a message holds can end its line or steer a terminal, nor make it so long
 * that journald would split it: of a line that would be longer, what is long is cut.
 */
export function createLog(options: LogOptions): AdjustableLog {
  const { write = writeToStderr, now = () => new Date() } = options;
  let least = LOG_LEVELS.indexOf(options.level);
  const { line, bare = line } = LAYOUTS[options.format];
  const put = (lineOf: LineOf, level: LogLevel, message: string, fields: Fields = {}) =>
    write(boundedLine(lineOf, now(), level, message, fields));
  const emit = (level: LogLevel, message: string, fields?: Fields) => {
    if (LOG_LEVELS.indexOf(level) >= least) put(line, level, message, fields);
  };
  return {
    debug: (message, fields) => emit("debug", message, fields),
    info: (message, fields) => emit("info", message, fields),
    warn: (message, fields) => emit("warn", message, fields),
    error: (message, fields) => emit("error", message, fields),
    setLevel: (level) => least = LOG_LEVELS.indexOf(level),
    print: (message, fields) => put(bare, "info", message, fields),
  };
}

/**
 * Escapes what a terminal would act on (C0, DEL, C1, bidirectional controls, line separators)
 * as JSON does: `\n`, `\u001b`. Everything else, a backslash too, is kept.
 */
export function escapeControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const short = JSON.stringify(character).slice(1, -1);
    return short.startsWith("\\")
      ? short
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** Writes one line to stderr. What cannot be written is lost: a log must not stop the agent. */
export function writeToStderr(line: string): void {
  let rest = new TextEncoder().encode(`${line}\n`);
  try {
    while (rest.length > 0) {
      const written = Deno.stderr.writeSync(rest);
      if (written === 0) return;
      rest = rest.subarray(written);
    }
  } catch {
    // EPIPE: nobody reads any more. EAGAIN: a reader too slow for a pipe that does not block.
  }
}

type LineOf = (time: Date, level: LogLevel, message: string, fields: Fields) => string;

/** Each layout's lines, and those of `print` where they are others. */
const LAYOUTS: Readonly<Record<LogLayout, { readonly line: LineOf; readonly bare?: LineOf }>> = {
  text: {
    line: (time, level, message, fields) =>
      `${time.toISOString()} ${level.toUpperCase().padEnd(5)} ${textLine(message, fields)}`,
    bare: (_time, _level, message, fields) => textLine(message, fields),
  },
  journal: {
    line: (_time, level, message, fields) => `<${PRIORITIES[level]}>${textLine(message, fields)}`,
  },
  json: { line: jsonLine },
};

/** Those of syslog(3). */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3 };

const CONTROLS =
  // deno-lint-ignore no-control-regex -- to find these characters is the purpose
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Longest line in UTF-16 code units, each of which is three bytes at most: journald splits what is
 * longer than 48 KiB, and takes a `<N>` at the start of each piece for its priority.
 */
const LONGEST_LINE = 16 * 1024;
/** What is left of a message and of each field's value in a line that would be longer. */
const LONGEST_CUT_MESSAGE = 1024;
const LONGEST_CUT_VALUE = 128;
const CUT_MARK = "…";

function boundedLine(
  lineOf: LineOf,
  time: Date,
  level: LogLevel,
  message: string,
  fields: Fields,
): string {
  const line = lineOf(time, level, message, fields);
  if (line.length <= LONGEST_LINE) return line;
  const values = Object.entries(fields).map(([key, value]) =>
    [key, typeof value === "string" ? cut(value, LONGEST_CUT_VALUE) : value] as const
  );
  return lineOf(time, level, cut(message, LONGEST_CUT_MESSAGE), Object.fromEntries(values));
}

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : text.slice(0, longest).toWellFormed() + CUT_MARK;
}

function textLine(message: string, fields: Fields): string {
  let line = escapeControls(message);
  for (const [key, value] of Object.entries(fields)) line += ` ${key}=${textValue(String(value))}`;
  return line;
}

function textValue(value: string): string {
  const plain = value !== "" && !/[\s="\\]/.test(value) && escapeControls(value) === value;
  return plain ? value : escapeControls(JSON.stringify(value));
}

function jsonLine(time: Date, level: LogLevel, message: string, fields: Fields): string {
  const head = { time: time.toISOString(), level, message };
  // The head comes first for its place, and last so that no field can take its name.
  return escapeControls(JSON.stringify({ ...head, ...fields, ...head }));
}
