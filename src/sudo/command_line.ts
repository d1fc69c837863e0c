/** What sudo was asked to do, by its arguments. See sudo(8). @module */

/** A command to be run as another user. */
export interface SudoRequest {
  /** As given by `-u`: a name, or `#` and a number; undefined for the default, root. */
  readonly user: string | undefined;
  /** A shell is to be run, and the command, if any, by that. */
  readonly shell: boolean;
  /** Sudo is to end at once, and the command to run on without it. */
  readonly background: boolean;
  /** The program and its arguments; empty for a shell that reads its own. */
  readonly command: readonly string[];
}

/** Short options with a value, and long ones. */
const WITH_VALUE = new Set([
  ...["a", "C", "c", "D", "g", "h", "p", "R", "r", "T", "t", "U", "u"],
  ...["auth-type", "close-from", "login-class", "chdir", "group", "host", "prompt", "chroot"],
  ...["role", "command-timeout", "type", "other-user", "user"],
]);
const USER = ["u", "user"];
const SHELL = ["i", "login", "s", "shell"];
const BACKGROUND = ["b", "background"];
/** What is asked for instead of a command. */
const NO_COMMAND = ["e", "edit", "K", "remove-timestamp", "l", "list", "V", "version"];
const NO_COMMAND_EITHER = ["v", "validate", "help"];
const OTHER_DEEDS: readonly string[] = [...NO_COMMAND, ...NO_COMMAND_EITHER];

/** Reads the arguments, the first of which is sudo's own name; undefined where no command is asked for. */
export function parseSudo(args: readonly string[]): SudoRequest | undefined {
  let user: string | undefined;
  let [shell, background] = [false, false];
  let at = 1;
  for (; at < args.length; at++) {
    const arg = args[at];
    if (arg === "--") {
      at++;
      break;
    }
    if (ASSIGNMENT.test(arg)) continue;
    if (!arg.startsWith("-") || arg === "-") break;
    for (const [name, attached] of optionsIn(arg)) {
      if (OTHER_DEEDS.includes(name)) return undefined;
      shell ||= SHELL.includes(name);
      background ||= BACKGROUND.includes(name);
      if (!WITH_VALUE.has(name)) continue;
      const value = attached ?? args[++at];
      if (USER.includes(name)) user = value;
    }
  }
  const command = args.slice(at);
  return command.length === 0 && !shell ? undefined : { user, shell, background, command };
}

/** `NAME=value`: a variable for the command. */
const ASSIGNMENT = /^[A-Za-z_]\w*=/;

/** The options of one argument with the values that stand in it: `-nu root`, `-uroot`, `--user=root`. */
function optionsIn(arg: string): readonly (readonly [name: string, value: string | undefined])[] {
  if (arg.startsWith("--")) {
    const end = arg.indexOf("=");
    return end < 0 ? [[arg.slice(2), undefined]] : [[arg.slice(2, end), arg.slice(end + 1)]];
  }
  const options: [string, string | undefined][] = [];
  for (let i = 1; i < arg.length; i++) {
    const rest = arg.slice(i + 1);
    if (WITH_VALUE.has(arg[i])) {
      options.push([arg[i], rest === "" ? undefined : rest]);
      break;
    }
    options.push([arg[i], undefined]);
  }
  return options;
}
