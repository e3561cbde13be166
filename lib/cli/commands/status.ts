import type { Command } from '../command.ts';
import { allConnectors, type ConnectorStatus, connectorStatus, type InstanceState } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS } from '../flags.ts';
import { colourOf } from '../output/colour.ts';
import { printJson, printLines, printTable, wantsJson } from '../output/present.ts';
import type { Cell } from '../output/table.ts';
import { restClient } from '../target.ts';
import { firstLine } from '../target-state-command.ts';

/** `serverless-connect status [NAME…]` */
export const statusCommand: Command = {
  name: 'status',
  summary: 'state of connectors and their tasks; with a name also why they failed',
  operands: '[NAME…]',
  flags: [{ name: 'check', value: null, help: 'exit code 1 if anything has FAILED' }, OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [
    { call: 'status', does: 'every connector and task' },
    { call: 'status orders-source', does: 'one, with the whole trace of what failed' },
    { call: 'status --check --output json --stack orders', does: 'for a monitor' },
  ],
  async run(args, io) {
    const json = wantsJson(args);
    const client = await restClient(args, io);
    const named = args.positionals.length > 0;
    const all = named
      ? await Promise.all(args.positionals.map((name) => connectorStatus(client, name)))
      : (await allConnectors(client)).map(({ status }) => status);
    if (json) printJson(io, all);
    else {
      printTable(
        io,
        [
          { title: 'NAME' },
          { title: 'TASK', align: 'right' },
          { title: 'STATE' },
          { title: 'WORKER', cut: true },
          { title: 'PROBLEM', cut: true },
        ],
        all.flatMap((status) => [
          row(status.name, '-', status.connector),
          ...status.tasks.map((task) => row(status.name, String(task.id), task)),
        ]),
        `no connectors at ${client.target.label}`,
      );
      if (named) printLines(io, all.flatMap(traces));
    }
    const failed = all.some(({ connector, tasks }) => [connector, ...tasks].some(({ state }) => state === 'FAILED'));
    return args.has('check') && failed ? EXIT.failed : EXIT.done;
  },
};

function row(name: string, task: string, { state, trace, worker_id }: InstanceState): Cell[] {
  return [name, task, { text: state, colour: colourOf(state) }, worker_id, firstLine(trace)];
}

function traces({ connector, name, tasks }: ConnectorStatus): string[] {
  const of = (title: string, trace: string | undefined) => (trace === undefined ? [] : ['', `${title}:`, trace.trimEnd()]);
  return [...of(name, connector.trace), ...tasks.flatMap(({ id, trace }) => of(`${name} task ${id}`, trace))];
}
