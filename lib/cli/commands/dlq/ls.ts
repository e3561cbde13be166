import { topicPartitionKey } from '../../../core/topic-partition.ts';
import type { Arguments, CliIo, Command } from '../../command.ts';
import { allConnectors } from '../../connector-infos.ts';
import { EXIT } from '../../exit-code.ts';
import { KAFKA_FLAGS, OUTPUT_FLAG, TARGET_FLAGS } from '../../flags.ts';
import { namesKafka, openKafka } from '../../kafka-access.ts';
import { printJson, printTable, wantsJson } from '../../output/present.ts';
import { restClient } from '../../target.ts';
import { noOperands } from '../../usage.ts';

const TOPIC_KEY = 'errors.deadletterqueue.topic.name';

/** `serverless-connect dlq ls` */
export const dlqListCommand: Command = {
  name: 'dlq ls',
  summary: 'dead letter queues of the connectors, with the number of records',
  operands: '',
  flags: [OUTPUT_FLAG, ...KAFKA_FLAGS, ...TARGET_FLAGS],
  examples: [{ call: 'dlq ls --bootstrap-server localhost:9092', does: 'without Kafka’s address, names only' }],
  async run(args, io) {
    noOperands(args, 'dlq ls');
    const json = wantsJson(args);
    const client = await restClient(args, io);
    const queues = (await allConnectors(client)).flatMap(({ info: { config, name } }) => {
      const topic = config[TOPIC_KEY]?.trim() ?? '';
      const headers = config['errors.deadletterqueue.context.headers.enable']?.trim().toLowerCase() === 'true';
      return topic === '' ? [] : [{ connector: name, topic, headers }];
    });
    const counts = namesKafka(args) ? await countRecords(args, io, [...new Set(queues.map(({ topic }) => topic))]) : null;
    const shown = queues.map((queue) => ({ ...queue, records: counts === null ? null : (counts.get(queue.topic) ?? 0) }));
    if (json) printJson(io, shown);
    else
      printTable(
        io,
        [{ title: 'CONNECTOR' }, { title: 'TOPIC' }, { title: 'RECORDS', align: 'right' }, { title: 'REASONS' }],
        shown.map(({ connector, headers, records, topic }) => [
          connector,
          topic,
          String(records ?? '?'),
          headers ? 'in headers' : 'not written',
        ]),
        `no connector has ${TOPIC_KEY}`,
      );
    return EXIT.done;
  },
};

/** End minus beginning: deleted and compacted records inside are counted too. */
async function countRecords(args: Arguments, io: CliIo, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const kafka = await openKafka(args, io, 'records are counted in Kafka');
  const counts = new Map<string, number>();
  try {
    const reader = kafka.clients.reader(kafka.settings);
    for (const [topic, count] of await kafka.partitionsOf(topics)) {
      const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
      const [first, last] = await Promise.all([reader.beginningOffsets(partitions), reader.endOffsets(partitions)]);
      const keys = partitions.map(({ partition }) => topicPartitionKey(topic, partition));
      counts.set(
        topic,
        keys.reduce((sum, key) => sum + (last.get(key) ?? 0) - (first.get(key) ?? 0), 0),
      );
    }
    return counts;
  } finally {
    await kafka.close();
  }
}
