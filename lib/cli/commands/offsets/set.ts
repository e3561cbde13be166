import type { Arguments, Command } from '../../command.ts';
import { connectorInfo } from '../../connector-infos.ts';
import { planExactOffsets } from '../../exact-offsets.ts';
import { KAFKA_FLAGS } from '../../flags.ts';
import { namesKafka, openKafka } from '../../kafka-access.ts';
import { CHANGE_FLAGS, changeOffsets, type OffsetChange } from '../../offset-change.ts';
import { asMap, parseGivenJson } from '../../offsets.ts';
import { UsageException } from '../../parse-arguments.ts';
import { planSinkMove, sinkTargetOf, topicSelection } from '../../sink-positions.ts';
import { restClient } from '../../target.ts';
import { oneOperand } from '../../usage.ts';

/** `serverless-connect offsets set NAME` */
export const offsetsSetCommand: Command = {
  name: 'offsets set',
  summary: 'move a connector: a sink by position or time, a source to exact offsets',
  operands: 'NAME',
  flags: [
    { name: 'to-earliest', value: null, help: 'sink: the first record that is still there' },
    { name: 'to-latest', value: null, help: 'sink: the end, skipping what is there' },
    { name: 'to-timestamp', value: 'TIME', help: 'sink: the first record at or after it (ISO 8601, or milliseconds since the epoch)' },
    { name: 'shift-by', value: 'N', help: 'sink: N records on, or back with -N' },
    { name: 'to-offset', value: 'N', help: 'sink: exactly there' },
    { name: 'topic', value: 'TOPIC[:0,1]', help: 'sink: only this topic, or these partitions of it; may be given again' },
    { name: 'partition', value: 'JSON', help: 'source: the partition; may be given again, each with its --offset' },
    { name: 'offset', value: 'JSON', help: 'source: its offset; null forgets it' },
    ...CHANGE_FLAGS,
    ...KAFKA_FLAGS,
  ],
  examples: [
    { call: 'offsets set orders-sink --to-earliest --stop --bootstrap-server localhost:9092', does: 'reads everything again' },
    { call: 'offsets set orders-sink --shift-by=-100 --topic orders:0 --dry-run', does: 'shows what would change in one partition' },
    {
      call: `offsets set orders-source --partition '{"table":"orders"}' --offset '{"incrementing":41}' --stop`,
      does: 'a source, in the form offsets get shows',
    },
  ],
  async run(args, io) {
    const name = oneOperand(args, 'offsets set', 'NAME');
    const target = sinkTargetOf(args);
    const selection = topicSelection(args);
    const client = await restClient(args, io);
    const { type } = await connectorInfo(client, name);
    if (type !== 'sink') {
      if (target !== null || selection.size > 0)
        throw new UsageException(`${name} is a source: give --partition JSON and --offset JSON, in the form 'offsets get ${name}' shows`);
      const given = givenOffsets(args);
      return changeOffsets(args, io, { client, name, plan: () => planExactOffsets(client, name, given) });
    }
    if (target === null)
      throw new UsageException('a sink needs one of --to-earliest, --to-latest, --to-timestamp TIME, --shift-by N, --to-offset N');
    const needsKafka = target.kind === 'earliest' || target.kind === 'latest' || target.kind === 'timestamp';
    const kafka =
      needsKafka || namesKafka(args)
        ? await openKafka(args, io, `only Kafka knows where that is (${needsKafka ? target.kind : 'position'})`)
        : null;
    try {
      return await changeOffsets(args, io, { client, name, plan: () => planSinkMove(client, name, { target, selection, kafka, io }) });
    } finally {
      await kafka?.close();
    }
  },
};

function givenOffsets(args: Arguments): Omit<OffsetChange, 'before'>[] {
  const partitions = args.all('partition');
  const offsets = args.all('offset');
  if (partitions.length === 0 || partitions.length !== offsets.length)
    throw new UsageException(`each --partition JSON needs an --offset JSON: got ${partitions.length} and ${offsets.length}`);
  return partitions.map((text, i) => {
    const offset = parseGivenJson(offsets[i] as string, `--offset ${offsets[i]}`);
    return {
      partition: asMap(parseGivenJson(text, `--partition ${text}`), '--partition'),
      after: offset === null ? null : asMap(offset, '--offset'),
    };
  });
}
