import type { Command } from './command.ts';

const PROGRAM = 'serverless-connect';

/** A script for a shell: commands, their second words, flags; connector names where the operand is one, files elsewhere. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', commands: readonly Command[]): string {
  if (shell === 'fish') return fish(commands);
  const script = bash(commands);
  // zsh runs bash's completions; its own form would be a second list of the same words.
  return shell === 'bash' ? script : `#compdef ${PROGRAM}\nautoload -U +X bashcompinit && bashcompinit\n${script}`;
}

function firstWords(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(({ name }) => name.split(' ')[0] as string))];
}

function takesConnectors({ operands }: Command): boolean {
  return /\bNAME\b/.test(operands);
}

function bash(commands: readonly Command[]): string {
  const groups = firstWords(commands).filter((word) => commands.some(({ name }) => name.startsWith(`${word} `)));
  const verbs = groups.map((group) => {
    const words = commands.filter(({ name }) => name.startsWith(`${group} `)).map(({ name }) => name.slice(group.length + 1));
    return `    '${group}') COMPREPLY=($(compgen -W '${words.join(' ')}' -- "$word")); return ;;`;
  });
  const flags = commands.map(
    ({ name, flags: each }) => `    '${name}') flags='${[...each.map((flag) => `--${flag.name}`), '--help'].join(' ')}' ;;`,
  );
  const named = commands.filter(takesConnectors).map(({ name }) => `'${name}'`);
  return `_serverless_connect() {
  local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]} flags=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${firstWords(commands).join(' ')} --help --version' -- "$word")); return
  fi
  if [ "$COMP_CWORD" -eq 2 ]; then case "$command" in
${verbs.join('\n')}
  esac; fi
  case "$command" in ${groups.map((group) => `'${group}'`).join('|') || "''"}) command="$command \${COMP_WORDS[2]}" ;; esac
  case "$command" in
${flags.join('\n')}
  esac
  case "$word" in -*) COMPREPLY=($(compgen -W "$flags" -- "$word")); return ;; esac
  case "$command" in
    ${named.join('|')}) COMPREPLY=($(compgen -W "$(${PROGRAM} list --output names 2>/dev/null)" -- "$word")) ;;
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -F _serverless_connect ${PROGRAM}
`;
}

function fish(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const words = firstWords(commands);
  const lines = words.map((word) => {
    const summary = commands.find(({ name }) => name === word)?.summary ?? `commands of ${word}`;
    return `complete -c ${PROGRAM} -n __fish_use_subcommand -f -a ${word} -d ${quoted(summary)}`;
  });
  for (const { flags, name, operands, summary } of commands) {
    const [first, second] = name.split(' ') as [string, string | undefined];
    const used = `__fish_seen_subcommand_from ${first}${second === undefined ? '' : `; and __fish_seen_subcommand_from ${second}`}`;
    if (second !== undefined)
      lines.push(`complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${first}' -f -a ${second} -d ${quoted(summary)}`);
    for (const flag of flags)
      lines.push(`complete -c ${PROGRAM} -n '${used}' -l ${flag.name}${flag.value === null ? '' : ' -r'} -d ${quoted(flag.help)}`);
    if (/\bNAME\b/.test(operands)) lines.push(`complete -c ${PROGRAM} -n '${used}' -f -a '(${PROGRAM} list --output names 2>/dev/null)'`);
  }
  return `${lines.join('\n')}\n`;
}
