import { ConnectException } from '../core/errors.ts';
import type { Arguments, CliIo } from './command.ts';
import { confirmed } from './confirm.ts';
import { connectorStatus } from './connector-infos.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { DRY_RUN_FLAG, OUTPUT_FLAG, TARGET_FLAGS, YES_FLAG } from './flags.ts';
import type { JsonMap } from './offsets.ts';
import { jsonText, printJson, printTable, wantsJson } from './output/present.ts';
import type { RestClient } from './rest-client.ts';
import { waitFor } from './wait.ts';

/** What happens to the offset of one partition. */
export interface OffsetChange {
  readonly partition: JsonMap;
  /** null = none yet. */
  readonly before: JsonMap | null;
  /** null = forgotten. */
  readonly after: JsonMap | null;
}

/** Flags of every command that changes offsets. */
export const CHANGE_FLAGS = [
  { name: 'stop', value: null, help: 'stop the connector for it, and put it back to what it was afterwards' },
  DRY_RUN_FLAG,
  YES_FLAG,
  { name: 'timeout', value: 'SECONDS', help: 'how long to wait until its tasks have stopped (default 60)' },
  OUTPUT_FLAG,
  ...TARGET_FLAGS,
];

/**
 * Shows a plan, asks, and carries it out on a connector that is STOPPED, or that `--stop` stops: the plan is then made again, from where
 * its tasks came to a halt. Throws ConnectException where it is not stopped.
 */
export async function changeOffsets(
  args: Arguments,
  io: CliIo,
  { client, name, plan }: { readonly client: RestClient; readonly name: string; readonly plan: () => Promise<readonly OffsetChange[]> },
): Promise<ExitCode> {
  const json = wantsJson(args);
  const dryRun = args.has('dry-run');
  const first = await plan();
  if (!json) show(io, first);
  if (dryRun || first.length === 0) {
    if (json) printJson(io, { name, dryRun, changes: first });
    return EXIT.done;
  }
  const before = (await connectorStatus(client, name)).connector.state;
  const stops = before !== 'STOPPED';
  if (stops && !args.has('stop')) {
    throw new ConnectException(
      `${name} is ${before}: offsets can be changed only while it is STOPPED; add --stop, or run serverless-connect stop ${name} --wait first`,
      { code: 'not-stopped' },
    );
  }
  if (!(await confirmed(args, io, `change ${first.length === 1 ? 'this offset' : `these ${first.length} offsets`} of ${name}?`)))
    return EXIT.failed;
  let changes = first;
  try {
    if (stops) {
      await client.connector('PUT', name, '/stop');
      await waitFor(args, io, `stop of ${name}`, async () => {
        const { connector, tasks } = await connectorStatus(client, name);
        return connector.state === 'STOPPED' && tasks.length === 0 ? null : `${tasks.length} tasks left`;
      });
      changes = await plan();
    }
    const offsets = changes.map(({ after, partition }) => ({ partition, offset: after }));
    if (offsets.length > 0) await client.connector('PATCH', name, '/offsets', { offsets });
  } finally {
    if (stops) await client.connector('PUT', name, before === 'PAUSED' ? '/pause' : '/resume');
  }
  if (json) printJson(io, { name, dryRun, changes });
  else {
    if (jsonText(changes, 0) !== jsonText(first, 0)) show(io, changes);
    const after = stops ? `, ${name} ${before === 'PAUSED' ? 'is paused again' : 'goes on'}` : '';
    io.out.write(`${changes.length === 1 ? 'one offset' : `${changes.length} offsets`} changed${after}\n`);
  }
  return EXIT.done;
}

function show(io: CliIo, changes: readonly OffsetChange[]): void {
  const isSink = changes.some(({ partition }) => 'kafka_topic' in partition);
  if (isSink) {
    const offset = (map: JsonMap | null) => (map === null ? 'none' : String(map.kafka_offset));
    printTable(
      io,
      [
        { title: 'TOPIC' },
        { title: 'PARTITION', align: 'right' },
        { title: 'BEFORE', align: 'right' },
        { title: 'AFTER', align: 'right' },
        { title: 'RECORDS', align: 'right' },
      ],
      changes.map(({ after, before, partition }) => [
        String(partition.kafka_topic),
        String(partition.kafka_partition),
        offset(before),
        offset(after),
        before === null || after === null ? '' : signed(Number(after.kafka_offset) - Number(before.kafka_offset)),
      ]),
      'nothing to change',
    );
    return;
  }
  const text = (map: JsonMap | null) => (map === null ? 'none' : jsonText(map, 0));
  printTable(
    io,
    [
      { title: 'PARTITION', cut: true },
      { title: 'BEFORE', cut: true },
      { title: 'AFTER', cut: true },
    ],
    changes.map(({ after, before, partition }) => [jsonText(partition, 0), text(before), text(after)]),
    'nothing to change',
  );
}

function signed(difference: number): string {
  return difference > 0 ? `+${difference}` : String(difference);
}
