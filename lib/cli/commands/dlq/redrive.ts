import { ConnectException } from '../../../core/errors.ts';
import { topicPartitionKey } from '../../../core/topic-partition.ts';
import type { Command } from '../../command.ts';
import { requireTopic } from '../../dead-letter-topic.ts';
import { readDeadLetters, SELECTION_FLAGS, selectionOf } from '../../dead-letters.ts';
import { EXIT } from '../../exit-code.ts';
import { KAFKA_FLAGS, OUTPUT_FLAG } from '../../flags.ts';
import { openKafka } from '../../kafka-access.ts';
import { printJson, printLines, printTable, wantsJson } from '../../output/present.ts';
import { Redrive } from '../../redrive.ts';
import { oneOperand, wholeNumber } from '../../usage.ts';

/** `serverless-connect dlq redrive TOPIC` */
export const dlqRedriveCommand: Command = {
  name: 'dlq redrive',
  summary: 'send dead letters back to where they came from; without --execute it only says what it would send',
  operands: 'TOPIC',
  flags: [
    { name: 'execute', value: null, help: 'send them' },
    { name: 'max-attempts', value: 'N', help: 'leave what was sent back so often already (default 3)' },
    { name: 'to-topic', value: 'TOPIC', help: 'send them there instead; the key decides the partition' },
    { name: 'group', value: 'NAME', help: 'begin where the last --execute with this group ended, and remember where this one ends' },
    ...SELECTION_FLAGS,
    OUTPUT_FLAG,
    ...KAFKA_FLAGS,
  ],
  examples: [
    { call: 'dlq redrive orders-dlq --error DataException --bootstrap-server localhost:9092', does: 'what would be sent where' },
    {
      call: 'dlq redrive orders-dlq --group fixed-schema --execute --worker worker.properties',
      does: 'sends each record once, however often it is called',
    },
  ],
  async run(args, io) {
    const topic = oneOperand(args, 'dlq redrive', 'TOPIC');
    const json = wantsJson(args);
    const selected = selectionOf(args);
    const maxAttempts = wholeNumber(args, 'max-attempts', 3, [1, 1_000_000]);
    const execute = args.has('execute');
    const group = args.text('group');
    const kafka = await openKafka(args, io, 'dead letters are in Kafka');
    try {
      const partitions = await requireTopic(kafka, topic);
      const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
      const groups = kafka.clients.groupOffsets(kafka.settings);
      const from = group === undefined ? new Map<string, number>() : await groups.fetch(group, all);
      const redrive = new Redrive({ kafka, source: topic, toTopic: args.text('to-topic') ?? null, maxAttempts, execute });
      for await (const batch of readDeadLetters(kafka, topic, partitions, from, io.stop)) {
        await redrive.take(batch, selected);
        const last = batch.at(-1)?.record;
        if (execute && group !== undefined && last !== undefined && redrive.failed.length === 0)
          await groups.commit(group, new Map([[topicPartitionKey(topic, last.partition), last.offset + 1]]));
        if (io.err.isTTY) io.err.write(`\r\u001b[K${redrive.read} read, ${redrive.sent} ${execute ? 'sent' : 'to send'}`);
        if (redrive.failed.length > 0) break;
      }
      if (io.err.isTTY) io.err.write('\r\u001b[K');
      const report = redrive.report();
      if (json) printJson(io, report);
      else {
        printTable(
          io,
          [{ title: 'TO' }, { title: 'ERROR', cut: true }, { title: 'RECORDS', align: 'right' }],
          report.destinations.map((each) => [each.to, each.error ?? 'unknown', String(each.records)]),
          `nothing to send`,
        );
        printLines(io, [
          `${report.sent} of ${report.read} records ${execute ? 'sent' : 'would be sent (add --execute)'}`,
          ...(report.left.attempts > 0 ? [`${report.left.attempts} left: sent back ${maxAttempts} times already (--max-attempts)`] : []),
          ...(report.left.unknownOrigin > 0
            ? [`${report.left.unknownOrigin} left: no header says where they came from (--to-topic sends them to a topic you name)`]
            : []),
        ]);
      }
      const [failure] = redrive.failed;
      if (failure !== undefined) {
        throw new ConnectException(
          `Kafka refused ${redrive.failed.length} records, and no further ones were sent; the first: ${failure.message}`,
          { cause: failure, code: 'not-sent' },
        );
      }
      if (io.stop.aborted) throw new ConnectException('stopped before the end of the queue', { code: 'interrupted' });
      return EXIT.done;
    } finally {
      await kafka.close();
    }
  },
};
