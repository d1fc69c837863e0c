/** Completions for bash, zsh and fish, made from the table of options. @module */
import { COMMANDS, isOf, OPTIONS, optionsOf, type OptionSpec } from "./options.ts";

/** For bash alone: bash-completion's functions are not on every system. */
export function bashCompletion(): string {
  const names = COMMANDS.map(({ name }) => name);
  const values = OPTIONS.filter(({ value }) => value !== undefined)
    .map((option) =>
      option.file === true
        ? `    --${option.name}) action=-f ;;`
        : `    --${option.name}) words='${wordsOf(option).join(" ")}' ;;`
    );
  const arguments_ = COMMANDS.map(({ name, argument = [], files }) => {
    const words = [...optionsOf(name).map(bashOption), ...argument].join(" ");
    const action = files === undefined ? "" : "; [[ $current == -* ]] || action=-f";
    return name === "run"
      ? `    run) words='${words}' ;;\n    '') words='${words} ${names.join(" ")}' ;;`
      : `    ${name}) words='${words}'${action} ;;`;
  });
  return `# bash completion for ebpf-agent
_ebpf_agent() {
  local line=\${COMP_LINE:0:COMP_POINT} command='' option='' prefix='' words='' action='' word current
  local -a typed
  # Not COMP_WORDS: readline splits words at "=" and ":" too.
  read -ra typed <<<"$line"
  [[ $line != *[[:space:]] ]] || typed+=('')
  for word in "\${typed[@]:1:\${#typed[@]}-2}"; do
    case $word in ${names.join(" | ")}) command=\${command:-$word} ;; esac
  done
  current=\${typed[-1]} option=\${typed[-2]}
  if [[ $current == --*=* ]]; then
    option=\${current%%=*} current=\${current#*=}
    # Readline replaces the word that it sees: all of it, where it does not split at "=".
    [[ $COMP_WORDBREAKS == *=* ]] || prefix=$option=
  fi
  case $option in
${values.join("\n")}
    *) case $command in
${arguments_.join("\n")}
    esac ;;
  esac
  if [[ $option == --events && $current == *,* ]]; then
    prefix+=\${current%,*}, current=\${current##*,}
  fi
  mapfile -t COMPREPLY < <(compgen $action -P "$prefix" -W "$words" -- "$current")
  [[ \${COMPREPLY[0]-} != *= ]] || compopt -o nospace
  [[ -z $action ]] || compopt -o filenames
}
complete -F _ebpf_agent ebpf-agent
`;
}

/** For zsh's completion system; the file is to be named _ebpf-agent. */
export function zshCompletion(): string {
  const cases = COMMANDS.map(({ name, argument, files }) => {
    const first = name === "run"
      ? `'1:command:((${COMMANDS.map(({ name, meaning }) => zshChoice(name, meaning)).join(" ")}))'`
      : `'1:command:(${name})'`;
    const words = [
      ...optionsOf(name).map(zshOption),
      first,
      ...(argument === undefined ? [] : [`'2:what:(${argument.join(" ")})'`]),
      ...(files === undefined ? [] : [files === "one" ? "'2:file:_files'" : "'*:file:_files'"]),
    ];
    return `    ${name === "run" ? "*" : name}) _arguments ${words.join(" \\\n      ")} ;;`;
  });
  // "*" has to stand last.
  const [run = "", ...others] = cases;
  return `#compdef ebpf-agent
_ebpf-agent() {
  case $words[2] in
${[...others, run].join("\n")}
  esac
}
_ebpf-agent "$@"
`;
}

/** For fish. */
export function fishCompletion(): string {
  const others = COMMANDS.filter(({ name }) => name !== "run");
  const lines = [
    "-f",
    ...COMMANDS.map(({ name, meaning }) =>
      `-n __fish_use_subcommand -a ${name} -d ${quoted(meaning)}`
    ),
    ...others.flatMap(({ name, argument }) =>
      argument === undefined
        ? []
        : [`-n '__fish_seen_subcommand_from ${name}' -a ${quoted(argument.join(" "))}`]
    ),
    ...others.flatMap(({ name, files }) =>
      files === undefined ? [] : [`-n '__fish_seen_subcommand_from ${name}' -F`]
    ),
    ...OPTIONS.map((option) => {
      const of = option.command;
      const without = others.filter(({ name }) => !isOf(option, name)).map(({ name }) => name);
      const when = of === "every"
        ? ""
        : of === "run"
        ? `-n 'not __fish_seen_subcommand_from ${without.join(" ")}' `
        : `-n '__fish_seen_subcommand_from ${of}' `;
      return `${when}${fishOption(option)}`;
    }),
  ];
  return lines.map((line) => `complete -c ebpf-agent ${line}\n`).join("");
}

/** What an option's value may be; none where it may be anything. */
function wordsOf({ value = "", words }: OptionSpec): readonly string[] {
  return words ?? (value.includes("|") ? value.split("|") : []);
}

function bashOption({ name, value }: OptionSpec): string {
  return value === undefined ? `--${name}` : `--${name}=`;
}

function zshOption(option: OptionSpec): string {
  const { name, value, short, repeatable } = option;
  const meaning = zshText(firstSentence(option));
  if (value === undefined) {
    const long = `'--${name}[${meaning}]'`;
    return short === undefined ? long : `${long} '-${short}[${meaning}]'`;
  }
  const words = wordsOf(option).join(" ");
  const action = option.file === true
    ? "_files"
    : name === "events"
    ? `_values -s , ${zshText(value)} ${words}`
    : words && `(${words})`;
  const star = repeatable === true ? "*" : "";
  return `'${star}--${name}=[${meaning}]:${zshText(value)}:${action}'`;
}

/** One of the words of an action, which zsh evaluates once more. */
function zshChoice(word: string, meaning: string): string {
  const evaluated = meaning.replaceAll(/[^\w,.-]/g, "\\$&");
  return `${word}\\:${evaluated.replaceAll("'", "'\\''")}`;
}

/** Text inside of single quotes, of which `_arguments` takes colons and brackets for its own. */
function zshText(text: string): string {
  return text.replaceAll(/[:[\]\\]/g, "\\$&").replaceAll("'", "'\\''");
}

function fishOption(option: OptionSpec): string {
  const { name, value, short } = option;
  const words = wordsOf(option).join(" ");
  const choices = name === "events" ? `(__fish_append , ${words})` : words;
  return [
    ...(short === undefined ? [] : [`-s ${short}`]),
    `-l ${name}`,
    ...(value === undefined ? [] : [option.file === true ? "-rF" : "-x"]),
    ...(choices === "" ? [] : [`-a ${quoted(choices)}`]),
    `-d ${quoted(firstSentence(option))}`,
  ].join(" ");
}

/** A word of fish, in quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

function firstSentence({ meaning }: OptionSpec): string {
  return meaning.replace(/[.,;:] .*$/s, "").replace(/\.$/, "");
}
