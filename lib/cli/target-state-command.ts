import { ConnectException } from '../core/errors.ts';
import type { Command } from './command.ts';
import { type ConnectorStatus, connectorStatus } from './connector-infos.ts';
import { EXIT } from './exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS, WAIT_FLAGS } from './flags.ts';
import { printJson, printLines, wantsJson } from './output/present.ts';
import { restClient } from './target.ts';
import { someOperands } from './usage.ts';
import { waitFor } from './wait.ts';

/** Null = the connector is where it was asked to be, else how it stands. Throws what stands in its way for good. */
type Look = (status: ConnectorStatus) => string | null;

/** A command that sets what a connector is asked to be: pause, resume or stop. */
export function targetStateCommand(options: {
  readonly verb: 'pause' | 'resume' | 'stop';
  readonly done: string;
  readonly summary: string;
  readonly look: Look;
}): Command {
  const { verb, done, summary, look } = options;
  return {
    name: verb,
    summary,
    operands: 'NAME…',
    flags: [...WAIT_FLAGS, OUTPUT_FLAG, ...TARGET_FLAGS],
    examples: [
      { call: `${verb} orders-source`, does: 'returns when the request is accepted' },
      { call: `${verb} orders-source orders-sink --wait`, does: 'returns when their tasks have followed' },
    ],
    async run(args, io) {
      const names = someOperands(args, verb, 'NAME');
      const json = wantsJson(args);
      const client = await restClient(args, io);
      for (const name of names) await client.connector('PUT', name, `/${verb}`);
      if (args.has('wait')) {
        for (const name of names) await waitFor(args, io, `${verb} ${name}`, async () => look(await connectorStatus(client, name)));
      }
      if (json) printJson(io, await Promise.all(names.map((name) => connectorStatus(client, name))));
      else
        printLines(
          io,
          names.map((name) => `${name} ${args.has('wait') ? 'is' : 'will be'} ${done}`),
        );
      return EXIT.done;
    },
  };
}

/** Whether connector and tasks are in a state. */
export function inState(wanted: string): Look {
  return ({ connector, tasks }) =>
    connector.state === wanted && tasks.every(({ state }) => state === wanted || state === 'FAILED')
      ? null
      : statesOf({ connector, tasks });
}

/** Whether connector and at least one task run. Throws where one failed. */
export function allRunning(status: ConnectorStatus): string | null {
  const failed = [status.connector, ...status.tasks].find(({ state }) => state === 'FAILED');
  if (failed !== undefined)
    throw new ConnectException(`${status.name} failed: ${firstLine(failed.trace)} (serverless-connect status ${status.name} shows all)`);
  const { connector, tasks } = status;
  return connector.state === 'RUNNING' && tasks.length > 0 && tasks.every(({ state }) => state === 'RUNNING') ? null : statesOf(status);
}

function statesOf({ connector, tasks }: Pick<ConnectorStatus, 'connector' | 'tasks'>): string {
  return `connector ${connector.state}, ${tasks.length === 0 ? 'no tasks' : `tasks ${tasks.map(({ state }) => state).join(' ')}`}`;
}

/** The first line of a trace; what the exception says. */
export function firstLine(trace: string | undefined): string {
  return trace?.split('\n')[0] ?? '';
}
