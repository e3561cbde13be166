import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS } from '../flags.ts';
import { printJson, printLines, printTable, wantsJson } from '../output/present.ts';
import { UsageException } from '../parse-arguments.ts';
import { restClient } from '../target.ts';
import { oneOf } from '../usage.ts';

const LEVELS: readonly string[] = ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'];

interface LoggerLevel {
  readonly level: string;
  readonly last_modified: number | null;
}

/** `serverless-connect logs [LOGGER [LEVEL]]` */
export const logsCommand: Command = {
  name: 'logs',
  summary: 'levels of the worker’s loggers: list them, or set one',
  operands: '[LOGGER [LEVEL]]',
  flags: [
    { name: 'scope', value: 'worker|cluster', help: 'set it on the worker that answers, or on all (default worker)' },
    OUTPUT_FLAG,
    ...TARGET_FLAGS,
  ],
  examples: [
    { call: 'logs', does: 'every logger with its level' },
    { call: 'logs root DEBUG --scope cluster', does: 'on every worker' },
  ],
  async run(args, io) {
    const [logger, given, more] = args.positionals;
    if (more !== undefined) throw new UsageException(`logs takes LOGGER and LEVEL, got also '${more}'`);
    const scope = oneOf(args, 'scope', ['worker', 'cluster'], 'worker');
    const json = wantsJson(args);
    const level = given?.toUpperCase();
    if (level !== undefined && !LEVELS.includes(level)) throw new UsageException(`a level is one of ${LEVELS.join(', ')}, got '${given}'`);
    const client = await restClient(args, io);
    if (logger !== undefined && level !== undefined) {
      const path = `/admin/loggers/${encodeURIComponent(logger)}?scope=${scope}`;
      const affected = ((await client.call('PUT', path, { level })) ?? [logger]) as string[];
      if (json) printJson(io, { level, scope, loggers: affected });
      else
        printLines(
          io,
          affected.map((each) => `${each} ${level}`),
        );
      return EXIT.done;
    }
    const levels = (
      logger === undefined
        ? await client.call('GET', '/admin/loggers')
        : { [logger]: await client.call('GET', `/admin/loggers/${encodeURIComponent(logger)}`) }
    ) as Record<string, LoggerLevel>;
    if (json) printJson(io, levels);
    else
      printTable(
        io,
        [{ title: 'LOGGER' }, { title: 'LEVEL' }, { title: 'CHANGED' }],
        Object.entries(levels).map(([name, each]) => [
          name,
          each.level,
          each.last_modified === null ? '' : new Date(each.last_modified).toISOString(),
        ]),
        'no loggers',
      );
    return EXIT.done;
  },
};
