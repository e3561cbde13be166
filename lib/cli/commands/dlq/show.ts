import type { Command } from '../../command.ts';
import { requireTopic } from '../../dead-letter-topic.ts';
import { type DeadLetter, readDeadLetters, SELECTION_FLAGS, selectionOf, simpleName } from '../../dead-letters.ts';
import { EXIT } from '../../exit-code.ts';
import { KAFKA_FLAGS, OUTPUT_FLAG } from '../../flags.ts';
import { openKafka } from '../../kafka-access.ts';
import { printJson, printLines, printTable, wantsJson } from '../../output/present.ts';
import { oneOperand, wholeNumber } from '../../usage.ts';

const SHOWN_BYTES = 2_000;

/** `serverless-connect dlq show TOPIC` */
export const dlqShowCommand: Command = {
  name: 'dlq show',
  summary: 'records of a dead letter queue: where they came from and why they failed',
  operands: 'TOPIC',
  flags: [
    { name: 'limit', value: 'N', help: 'at most so many records (default 100)' },
    { name: 'details', value: null, help: 'also key, value, headers and the stack trace of each' },
    ...SELECTION_FLAGS,
    OUTPUT_FLAG,
    ...KAFKA_FLAGS,
  ],
  examples: [
    { call: 'dlq show orders-dlq --bootstrap-server localhost:9092', does: 'the first 100' },
    {
      call: 'dlq show orders-dlq --error DataException --details --worker worker.properties',
      does: 'everything about one kind of failure',
    },
  ],
  async run(args, io) {
    const topic = oneOperand(args, 'dlq show', 'TOPIC');
    const json = wantsJson(args);
    const limit = wholeNumber(args, 'limit', 100, [1, 1_000_000]);
    const selected = selectionOf(args);
    const kafka = await openKafka(args, io, 'dead letters are in Kafka');
    try {
      const partitions = await requireTopic(kafka, topic);
      const letters: DeadLetter[] = [];
      for await (const batch of readDeadLetters(kafka, topic, partitions, new Map(), io.stop)) {
        letters.push(...batch.filter(selected));
        if (letters.length > limit) break;
      }
      const shown = letters.slice(0, limit);
      if (json) printJson(io, shown.map(jsonOf));
      else {
        printTable(
          io,
          [
            { title: 'AT' },
            { title: 'TIME' },
            { title: 'ORIGIN' },
            { title: 'CONNECTOR', cut: true },
            { title: 'STAGE' },
            { title: 'SENT BACK', align: 'right' },
            { title: 'REASON', cut: true },
          ],
          shown.map((letter) => [
            `${letter.record.partition}@${letter.record.offset}`,
            timeOf(letter) ?? '',
            originText(letter),
            letter.connector ?? '',
            letter.stage ?? '',
            String(letter.attempts),
            reasonOf(letter),
          ]),
          'no such records',
        );
        if (args.has('details')) for (const letter of shown) printLines(io, detailsOf(letter));
        if (letters.length > limit) io.err.write(`there are more than ${limit}: --limit shows them\n`);
      }
      return EXIT.done;
    } finally {
      await kafka.close();
    }
  },
};

function reasonOf({ error, message, trace }: DeadLetter): string {
  if (error === null) return 'unknown: errors.deadletterqueue.context.headers.enable is not set';
  const own = message === null || message.trim() === '' ? simpleName(error) : `${simpleName(error)}: ${message.trim()}`;
  // Connect's converters wrap what happened in a text that says nothing.
  const cause = /^Caused by: ([\w.$]+): (\S.*)$/m.exec(trace ?? '');
  return cause === null ? own : `${own} (${simpleName(cause[1] as string)}: ${cause[2]})`;
}

function originText({ origin }: DeadLetter): string {
  return origin === null ? '' : `${origin.topic}-${origin.partition}@${origin.offset}`;
}

function timeOf({ record }: DeadLetter): string | null {
  return record.timestamp < 0 ? null : new Date(record.timestamp).toISOString();
}

function jsonOf(letter: DeadLetter): unknown {
  const { attempts, connector, error, headers, message, origin, record, stage, task, trace } = letter;
  const bytes = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString('base64'));
  return {
    partition: record.partition,
    offset: record.offset,
    time: timeOf(letter),
    origin,
    connector,
    task,
    stage,
    error,
    message,
    trace,
    attempts,
    keyBase64: bytes(record.key),
    valueBase64: bytes(record.value),
    headers: headers.map(({ key, value }) => ({ key, valueBase64: bytes(value) })),
  };
}

function detailsOf({ headers, record, trace }: DeadLetter): string[] {
  return [
    '',
    `${record.partition}@${record.offset}`,
    `  key    ${bytesText(record.key)}`,
    `  value  ${bytesText(record.value)}`,
    ...headers.map(({ key, value }) => `  header ${key} = ${bytesText(value)}`),
    ...(trace === null
      ? []
      : trace
          .trimEnd()
          .split('\n')
          .map((line) => `  ${line}`)),
  ];
}

/** Text as it is, other bytes as hexadecimal digits. */
function bytesText(bytes: Uint8Array | null): string {
  if (bytes === null) return 'null';
  const part = Buffer.from(bytes.subarray(0, SHOWN_BYTES));
  const more = bytes.length > SHOWN_BYTES ? `… (${bytes.length} bytes)` : '';
  const text = part.toString().replace(/\s+/g, ' ');
  return (/[\p{Cc}\ufffd]/u.test(text) ? `0x${part.toString('hex')}` : text) + more;
}
