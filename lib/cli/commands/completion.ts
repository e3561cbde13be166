import type { Command } from '../command.ts';
import { completionScript } from '../completion-script.ts';
import { EXIT } from '../exit-code.ts';
import { UsageException } from '../parse-arguments.ts';
import { oneOperand } from '../usage.ts';

/** `serverless-connect completion SHELL`. `commands` answers every command, this one included. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    operands: 'bash|zsh|fish',
    flags: [],
    examples: [
      { call: 'completion bash > ~/.local/share/bash-completion/completions/serverless-connect', does: 'bash' },
      { call: 'completion zsh > "${fpath[1]}/_serverless-connect"', does: 'zsh' },
      { call: 'completion fish > ~/.config/fish/completions/serverless-connect.fish', does: 'fish' },
    ],
    async run(args, io) {
      const shell = oneOperand(args, 'completion', 'bash|zsh|fish');
      if (shell !== 'bash' && shell !== 'zsh' && shell !== 'fish')
        throw new UsageException(`completion knows bash, zsh and fish, got '${shell}'`);
      io.out.write(completionScript(shell, commands()));
      return EXIT.done;
    },
  };
}
