import { redactedValue } from '../../config/redaction.ts';
import type { Command } from '../command.ts';
import { readConnectors, validateByWorker } from '../connector-files.ts';
import { connectorStatus } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { DRY_RUN_FLAG, OUTPUT_FLAG, TARGET_FLAGS, WAIT_FLAGS } from '../flags.ts';
import { type Colour, coloured, hasColours } from '../output/colour.ts';
import { printJson, printLines, wantsJson } from '../output/present.ts';
import { restClient } from '../target.ts';
import { allRunning } from '../target-state-command.ts';
import { someOperands } from '../usage.ts';
import { waitFor } from '../wait.ts';

interface Change {
  readonly key: string;
  /** null = the key is new. */
  readonly before: string | null;
  /** null = the key goes. */
  readonly after: string | null;
}

/** `serverless-connect apply FILE…` */
export const applyCommand: Command = {
  name: 'apply',
  summary: 'bring connectors to what files say: creates and updates, and shows what changes',
  operands: 'FILE…',
  flags: [DRY_RUN_FLAG, ...WAIT_FLAGS, OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [
    { call: 'apply infra/pipelines/orders.json --dry-run', does: 'every connector of a pipeline file, only looking' },
    { call: 'apply orders-source.json --wait', does: 'returns when its tasks run again' },
  ],
  async run(args, io) {
    const paths = someOperands(args, 'apply', 'FILE');
    const json = wantsJson(args);
    const dryRun = args.has('dry-run');
    const connectors = await readConnectors(paths, io);
    const client = await restClient(args, io);
    const secretKeys = await validateByWorker(client, connectors);
    const existing = (await client.call('GET', '/connectors?expand=info')) as Record<string, { info: { config: Record<string, string> } }>;
    const applied: { name: string; action: 'create' | 'update' | 'unchanged'; changes: Change[] }[] = [];
    for (const { name, config: given, initialState } of connectors) {
      const config = { ...given, name };
      const before = existing[name]?.info.config;
      const changes = changesOf(before ?? {}, config);
      const action = before === undefined ? 'create' : changes.length === 0 ? 'unchanged' : 'update';
      const shown = (key: string, value: string | null) => (value === null ? null : redactedValue(key, value, { secretKeys }));
      applied.push({
        name,
        action,
        changes: changes.map(({ key, before: was, after }) => ({ key, before: shown(key, was), after: shown(key, after) })),
      });
      if (!dryRun && action === 'create') await client.call('POST', '/connectors', { name, config, initial_state: initialState });
      if (!dryRun && action === 'update') await client.connector('PUT', name, '/config', config);
    }
    if (!json) {
      const paint = (text: string, colour: Colour) => (hasColours(io) ? coloured(text, colour) : text);
      const verb = { create: 'created', update: 'updated', unchanged: 'unchanged' } as const;
      for (const { action, changes, name } of applied) {
        printLines(io, [
          `${name} ${dryRun && action !== 'unchanged' ? `would be ${verb[action]}` : verb[action]}`,
          ...changes.flatMap((each) => diffLines(each, paint)),
        ]);
      }
    }
    if (args.has('wait') && !dryRun) {
      for (const { name } of applied) {
        const { connector } = await connectorStatus(client, name);
        if (connector.state !== 'PAUSED' && connector.state !== 'STOPPED')
          await waitFor(args, io, `start of ${name}`, async () => allRunning(await connectorStatus(client, name)));
      }
    }
    if (json) printJson(io, { dryRun, connectors: applied });
    return EXIT.done;
  },
};

function changesOf(before: Readonly<Record<string, string | null>>, after: Readonly<Record<string, string>>): Change[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((key) => ({ key, before: before[key] ?? null, after: after[key] ?? null }))
    .filter((change) => change.before !== change.after);
}

function diffLines({ key, before, after }: Change, paint: (text: string, colour: Colour) => string): string[] {
  return [
    ...(before === null ? [] : [paint(`  - ${key} = ${before}`, 'red')]),
    ...(after === null ? [] : [paint(`  + ${key} = ${after}`, 'green')]),
  ];
}
