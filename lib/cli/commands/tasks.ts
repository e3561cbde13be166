import type { Command } from '../command.ts';
import { connectorStatus } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS } from '../flags.ts';
import { colourOf } from '../output/colour.ts';
import { printJson, printTable, wantsJson } from '../output/present.ts';
import { restClient } from '../target.ts';
import { firstLine } from '../target-state-command.ts';
import { oneOperand } from '../usage.ts';

interface TaskInfo {
  readonly id: { readonly connector: string; readonly task: number };
  readonly config: Readonly<Record<string, string>>;
}

/** `serverless-connect tasks NAME` */
export const tasksCommand: Command = {
  name: 'tasks',
  summary: 'tasks of a connector: state and configuration',
  operands: 'NAME',
  flags: [OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [
    { call: 'tasks orders-source', does: 'a table' },
    { call: 'tasks orders-source --output json', does: 'with the configuration of each task' },
  ],
  async run(args, io) {
    const name = oneOperand(args, 'tasks', 'NAME');
    const json = wantsJson(args);
    const client = await restClient(args, io);
    const infos = (await client.connector('GET', name, '/tasks')) as TaskInfo[];
    const { tasks } = await connectorStatus(client, name);
    if (json) {
      const configs = new Map(infos.map(({ id, config }) => [id.task, config]));
      printJson(
        io,
        tasks.map((task) => ({ ...task, config: configs.get(task.id) ?? null })),
      );
    } else
      printTable(
        io,
        [{ title: 'TASK', align: 'right' }, { title: 'STATE' }, { title: 'WORKER', cut: true }, { title: 'PROBLEM', cut: true }],
        tasks.map(({ id, state, trace, worker_id }) => [String(id), { text: state, colour: colourOf(state) }, worker_id, firstLine(trace)]),
        `${name} has no tasks`,
      );
    return EXIT.done;
  },
};
