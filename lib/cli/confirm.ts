import type { Arguments, CliIo } from './command.ts';
import { UsageException } from './parse-arguments.ts';

/**
 * Asks before something that cannot be undone. True = go on: `--yes` was given or the person said so. Throws UsageException where nobody can
 * be asked.
 */
export async function confirmed(args: Arguments, io: CliIo, question: string): Promise<boolean> {
  if (args.has('yes')) return true;
  if (io.ask === null) throw new UsageException(`${question} there is no terminal to ask on: add --yes, or --dry-run where there is one`);
  const answer = (await io.ask(`${question} [y/N] `)).trim().toLowerCase();
  if (answer === 'y' || answer === 'yes') return true;
  io.err.write('nothing was changed\n');
  return false;
}
