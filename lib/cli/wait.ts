import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectException } from '../core/errors.ts';
import type { Arguments, CliIo } from './command.ts';
import { wholeNumber } from './usage.ts';

const EVERY_MS = 250;

/**
 * Looks until `look` answers null; what it answers else says how things stand, and is shown on a terminal. `--timeout` seconds at most.
 * Throws ConnectException with the last thing it said.
 */
export async function waitFor(args: Arguments, io: CliIo, what: string, look: () => Promise<string | null>): Promise<void> {
  const seconds = wholeNumber(args, 'timeout', 60, [1, 86_400]);
  const until = Date.now() + seconds * 1000;
  const show = (text: string) => io.err.isTTY && io.err.write(`\r\u001b[K${text}`);
  try {
    for (;;) {
      const how = await look();
      if (how === null) return;
      show(`${what}: ${how}`);
      if (io.stop.aborted) throw new ConnectException(`${what} was not waited for to the end: ${how}`, { code: 'interrupted' });
      if (Date.now() > until)
        throw new ConnectException(`${what} did not happen within ${seconds} s: ${how}; it may still happen later`, { code: 'timeout' });
      await sleep(EVERY_MS, undefined, { signal: io.stop }).catch(() => undefined);
    }
  } finally {
    show('');
  }
}
