import type { Command } from '../command.ts';
import { readConnectors, validateByWorker } from '../connector-files.ts';
import { connectorStatus } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { DRY_RUN_FLAG, OUTPUT_FLAG, TARGET_FLAGS, WAIT_FLAGS } from '../flags.ts';
import { printJson, printLines, wantsJson } from '../output/present.ts';
import { restClient } from '../target.ts';
import { allRunning } from '../target-state-command.ts';
import { oneOf, someOperands } from '../usage.ts';
import { waitFor } from '../wait.ts';

/** `serverless-connect create FILE…` */
export const createCommand: Command = {
  name: 'create',
  summary: 'create the connectors of files; one that exists already is refused',
  operands: 'FILE…',
  flags: [
    { name: 'state', value: 'RUNNING|PAUSED|STOPPED', help: 'what they begin with (default: the file’s initial_state, else RUNNING)' },
    DRY_RUN_FLAG,
    ...WAIT_FLAGS,
    OUTPUT_FLAG,
    ...TARGET_FLAGS,
  ],
  examples: [
    { call: 'create orders-source.json --wait', does: 'returns when its tasks run' },
    { call: 'create orders-source.properties --state STOPPED', does: 'to set offsets before the first record' },
  ],
  async run(args, io) {
    const paths = someOperands(args, 'create', 'FILE');
    const state = args.has('state') ? oneOf(args, 'state', ['RUNNING', 'PAUSED', 'STOPPED'], 'RUNNING') : null;
    const json = wantsJson(args);
    const connectors = await readConnectors(paths, io);
    const client = await restClient(args, io);
    await validateByWorker(client, connectors);
    const created = connectors.map(({ name, initialState }) => ({ name, state: state ?? initialState }));
    if (!args.has('dry-run')) {
      for (const { name, config, initialState } of connectors)
        await client.call('POST', '/connectors', { name, config: { ...config, name }, initial_state: state ?? initialState });
    }
    if (args.has('wait') && !args.has('dry-run')) {
      for (const each of created) {
        if (each.state === 'RUNNING')
          await waitFor(args, io, `start of ${each.name}`, async () => allRunning(await connectorStatus(client, each.name)));
      }
    }
    if (json) printJson(io, { dryRun: args.has('dry-run'), created });
    else
      printLines(
        io,
        created.map((each) => `${each.name} ${args.has('dry-run') ? 'would be created' : 'created'}, ${each.state}`),
      );
    return EXIT.done;
  },
};
