import { parseTopicPartitionKey, topicPartitionKey } from '../../../core/topic-partition.ts';
import type { Arguments, CliIo, Command } from '../../command.ts';
import { connectorInfo } from '../../connector-infos.ts';
import { EXIT } from '../../exit-code.ts';
import { KAFKA_FLAGS, OUTPUT_FLAG, TARGET_FLAGS } from '../../flags.ts';
import { namesKafka, openKafka } from '../../kafka-access.ts';
import { type ConnectorOffset, readOffsets } from '../../offsets.ts';
import { jsonText, printJson, printTable, wantsJson } from '../../output/present.ts';
import { restClient } from '../../target.ts';
import { oneOperand } from '../../usage.ts';

/** `serverless-connect offsets get NAME` */
export const offsetsGetCommand: Command = {
  name: 'offsets get',
  summary: 'where a connector stands in each partition; of a sink also its lag',
  operands: 'NAME',
  flags: [OUTPUT_FLAG, ...KAFKA_FLAGS, ...TARGET_FLAGS],
  examples: [
    { call: 'offsets get orders-source', does: 'source partitions and offsets' },
    { call: 'offsets get orders-sink --bootstrap-server localhost:9092', does: 'with end offsets and lag' },
  ],
  async run(args, io) {
    const name = oneOperand(args, 'offsets get', 'NAME');
    const json = wantsJson(args);
    const client = await restClient(args, io);
    const { type } = await connectorInfo(client, name);
    const offsets = await readOffsets(client, name);
    if (type !== 'sink') {
      if (json) printJson(io, { name, type, offsets });
      else
        printTable(
          io,
          [
            { title: 'PARTITION', cut: true },
            { title: 'OFFSET', cut: true },
          ],
          offsets.map(({ offset, partition }) => [jsonText(partition, 0), jsonText(offset, 0)]),
          `${name} has no offsets`,
        );
      return EXIT.done;
    }
    const ends = namesKafka(args) ? await endOffsets(args, io, offsets) : null;
    const rows = offsets.map(({ offset, partition }) => {
      const at = Number(offset?.kafka_offset);
      const end = ends?.get(keyOf(partition)) ?? null;
      return { partition, offset, end, lag: end === null ? null : end - at };
    });
    if (json) printJson(io, { name, type, offsets: ends === null ? offsets : rows });
    else
      printTable(
        io,
        [
          { title: 'TOPIC', cut: true },
          { title: 'PARTITION', align: 'right' },
          { title: 'OFFSET', align: 'right' },
          ...(ends === null
            ? []
            : ([
                { title: 'END', align: 'right' },
                { title: 'LAG', align: 'right' },
              ] as const)),
        ],
        rows.map(({ end, lag, offset, partition }) => [
          String(partition.kafka_topic),
          String(partition.kafka_partition),
          String(offset?.kafka_offset),
          ...(ends === null ? [] : [String(end ?? '?'), String(lag ?? '?')]),
        ]),
        `${name} has no offsets`,
      );
    return EXIT.done;
  },
};

function keyOf(partition: ConnectorOffset['partition']): string {
  return topicPartitionKey(String(partition.kafka_topic), Number(partition.kafka_partition));
}

async function endOffsets(args: Arguments, io: CliIo, offsets: readonly ConnectorOffset[]): Promise<ReadonlyMap<string, number>> {
  const kafka = await openKafka(args, io, 'end offsets are in Kafka');
  try {
    const there = await kafka.partitionsOf([...new Set(offsets.map(({ partition }) => String(partition.kafka_topic)))]);
    const partitions = offsets
      .map(({ partition }) => parseTopicPartitionKey(keyOf(partition)))
      .filter(({ partition, topic }) => partition < (there.get(topic) ?? 0));
    return await kafka.clients.reader(kafka.settings).endOffsets(partitions);
  } finally {
    await kafka.close();
  }
}
