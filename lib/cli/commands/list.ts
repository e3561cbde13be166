import type { Command } from '../command.ts';
import { allConnectors, runningTasks } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { TARGET_FLAGS } from '../flags.ts';
import { colourOf } from '../output/colour.ts';
import { printJson, printLines, printTable } from '../output/present.ts';
import { restClient } from '../target.ts';
import { noOperands, oneOf } from '../usage.ts';

/** `serverless-connect list` */
export const listCommand: Command = {
  name: 'list',
  summary: 'list connectors with type, state and class',
  operands: '',
  flags: [
    { name: 'output', value: 'table|json|names', help: 'for people, for scripts, or one name per line (default table)' },
    ...TARGET_FLAGS,
  ],
  examples: [
    { call: 'list', does: 'a table' },
    { call: 'list --output names --stack orders', does: 'the names of a deployed pipeline’s connectors' },
  ],
  async run(args, io) {
    noOperands(args, 'list');
    const output = oneOf(args, 'output', ['table', 'json', 'names'], 'table');
    const client = await restClient(args, io);
    if (output === 'names') {
      printLines(io, ((await client.call('GET', '/connectors')) as string[]).toSorted());
      return EXIT.done;
    }
    const connectors = (await allConnectors(client)).map(({ info, status }) => ({
      name: info.name,
      type: info.type,
      state: status.connector.state,
      tasks: { running: status.tasks.filter(({ state }) => state === 'RUNNING').length, total: status.tasks.length },
      class: info.config['connector.class'] ?? null,
      status,
    }));
    if (output === 'json')
      printJson(
        io,
        connectors.map(({ status: _, ...shown }) => shown),
      );
    else
      printTable(
        io,
        [{ title: 'NAME' }, { title: 'TYPE' }, { title: 'STATE' }, { title: 'TASKS', align: 'right' }, { title: 'CLASS', cut: true }],
        connectors.map((each) => [
          each.name,
          each.type,
          { text: each.state, colour: colourOf(each.state) },
          runningTasks(each.status),
          each.class ?? '',
        ]),
        `no connectors at ${client.target.label}`,
      );
    return EXIT.done;
  },
};
