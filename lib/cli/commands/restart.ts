import type { Command } from '../command.ts';
import { connectorStatus } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS, WAIT_FLAGS } from '../flags.ts';
import { printJson, printLines, wantsJson } from '../output/present.ts';
import { UsageException } from '../parse-arguments.ts';
import { restClient } from '../target.ts';
import { allRunning } from '../target-state-command.ts';
import { someOperands, wholeNumber } from '../usage.ts';
import { waitFor } from '../wait.ts';

/** `serverless-connect restart NAME…` */
export const restartCommand: Command = {
  name: 'restart',
  summary: 'restart connectors, their tasks, or one task',
  operands: 'NAME…',
  flags: [
    { name: 'include-tasks', value: null, help: 'restart the tasks too, not only the connector' },
    { name: 'only-failed', value: null, help: 'leave alone what has not failed' },
    { name: 'task', value: 'N', help: 'restart only this task' },
    ...WAIT_FLAGS,
    OUTPUT_FLAG,
    ...TARGET_FLAGS,
  ],
  examples: [
    { call: 'restart orders-source --include-tasks --only-failed --wait', does: 'brings back what failed' },
    { call: 'restart orders-source --task 0', does: 'one task' },
  ],
  async run(args, io) {
    const names = someOperands(args, 'restart', 'NAME');
    const task = wholeNumber(args, 'task', null, [0, 1_000_000]);
    const json = wantsJson(args);
    if (task !== null && (args.has('include-tasks') || args.has('only-failed')))
      throw new UsageException('--task restarts one task: leave out --include-tasks and --only-failed');
    const client = await restClient(args, io);
    const query = `?includeTasks=${args.has('include-tasks')}&onlyFailed=${args.has('only-failed')}`;
    for (const name of names) await client.connector('POST', name, task === null ? `/restart${query}` : `/tasks/${task}/restart`);
    if (args.has('wait')) {
      for (const name of names) await waitFor(args, io, `restart of ${name}`, async () => allRunning(await connectorStatus(client, name)));
    }
    if (json) printJson(io, await Promise.all(names.map((name) => connectorStatus(client, name))));
    else
      printLines(
        io,
        names.map((name) => `${name}${task === null ? '' : ` task ${task}`} ${args.has('wait') ? 'is RUNNING' : 'will be restarted'}`),
      );
    return EXIT.done;
  },
};
