import type { Command } from '../../command.ts';
import { connectorInfo } from '../../connector-infos.ts';
import { CHANGE_FLAGS, changeOffsets } from '../../offset-change.ts';
import { asMap, parseGivenJson, partitionKey, readOffsets } from '../../offsets.ts';
import { UsageException } from '../../parse-arguments.ts';
import { selects, topicSelection } from '../../sink-positions.ts';
import { restClient } from '../../target.ts';
import { oneOperand } from '../../usage.ts';

/** `serverless-connect offsets reset NAME` */
export const offsetsResetCommand: Command = {
  name: 'offsets reset',
  summary: 'forget where a connector stands: a source begins anew, a sink where auto.offset.reset says',
  operands: 'NAME',
  flags: [
    { name: 'topic', value: 'TOPIC[:0,1]', help: 'sink: only this topic, or these partitions of it; may be given again' },
    { name: 'partition', value: 'JSON', help: 'source: only this partition; may be given again' },
    ...CHANGE_FLAGS,
  ],
  examples: [
    { call: 'offsets reset orders-source --dry-run', does: 'shows what would be forgotten' },
    { call: 'offsets reset orders-source --stop --yes', does: 'reads every table again' },
  ],
  async run(args, io) {
    const name = oneOperand(args, 'offsets reset', 'NAME');
    const selection = topicSelection(args);
    const chosen = new Set(
      args.all('partition').map((text) => partitionKey(asMap(parseGivenJson(text, `--partition ${text}`), '--partition'))),
    );
    const client = await restClient(args, io);
    const isSink = (await connectorInfo(client, name)).type === 'sink';
    if (isSink ? chosen.size > 0 : selection.size > 0)
      throw new UsageException(
        isSink ? `${name} is a sink: select with --topic TOPIC[:0,1]` : `${name} is a source: select with --partition JSON`,
      );
    const plan = async () =>
      (await readOffsets(client, name))
        .filter(({ partition }) =>
          isSink
            ? selects(selection, { topic: String(partition.kafka_topic), partition: Number(partition.kafka_partition) })
            : chosen.size === 0 || chosen.has(partitionKey(partition)),
        )
        .map(({ offset, partition }) => ({ partition, before: offset, after: null }));
    return changeOffsets(args, io, { client, name, plan });
  },
};
