import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kafkaUnavailable } from '../../support/kafka/jars.ts';
import { confluentKafkaUnavailable, kcat, kcatUnavailable, python } from '../../support/kafka/judges.ts';
import { kafkaTools, spawnKafkaTool } from '../../support/kafka/kafka-tools.ts';
import { type Target, targets, titleOf } from './targets.ts';

// Clients that are not ours judge the embedded broker. Each step runs against Apache Kafka too: one that fails there judges nothing.

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const JUDGE = join(import.meta.dirname, 'confluent_kafka_judge.py');
const TOOLS = 'org.apache.kafka.tools';

let serial = 0;
const unique = (prefix: string): string => `${prefix}-${process.pid}-${++serial}`;
const because = (name: string, reason: string | null): string => (reason === null ? name : `${name} (skipped: ${reason})`);
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');
const numbers = (count: number): string => Array.from({ length: count }, (_, at) => `${at}\n`).join('');

for (const kind of targets) {
  describe.skipIf(kind.unavailable !== null)(titleOf(kind), () => {
    let target: Target;
    const scratch = mkdtempSync(join(tmpdir(), 'serverless-connect-judges-'));

    beforeAll(async () => {
      target = await kind.start();
    });
    afterAll(async () => {
      await target?.stop();
      rmSync(scratch, { recursive: true, force: true });
    });

    const noKcat = kcatUnavailable();
    describe.skipIf(noKcat !== null)(because('kcat', noKcat), () => {
      const produce = (topic: string, input: string, ...args: string[]) =>
        kcat(['-b', target.bootstrap, '-P', '-t', topic, ...args], input);
      const consume = async (topic: string, ...args: string[]) =>
        lines(await kcat(['-b', target.bootstrap, '-C', '-t', topic, '-o', 'beginning', '-e', '-q', ...args]));

      it.each(CODECS)('writes and reads %s', async (codec) => {
        const topic = unique('kcat');

        await produce(topic, numbers(300), '-z', codec, '-X', 'enable.idempotence=true');

        expect(await consume(topic)).toEqual(lines(numbers(300)));
      });

      it('writes transactions that both isolation levels read', async () => {
        const topic = unique('kcat');

        await produce(topic, numbers(50), '-X', `transactional.id=${topic}`);

        expect(await consume(topic, '-X', 'isolation.level=read_committed')).toHaveLength(50);
        expect(await consume(topic, '-X', 'isolation.level=read_uncommitted')).toHaveLength(50);
      });

      it('reads as a group and goes on where it stopped', async () => {
        const topic = unique('kcat');
        const group = unique('group');
        const read = async (count: number) =>
          lines(await kcat(['-b', target.bootstrap, '-G', group, '-q', '-c', `${count}`, '-X', 'auto.offset.reset=earliest', topic]));
        await produce(topic, numbers(10));

        expect(await read(6)).toEqual(['0', '1', '2', '3', '4', '5']);
        expect(await read(4)).toEqual(['6', '7', '8', '9']);
      });

      it('lists metadata and finds offsets by time', async () => {
        const topic = unique('kcat');
        await produce(topic, numbers(1));

        expect(await kcat(['-b', target.bootstrap, '-L', '-t', topic])).toContain(`topic "${topic}" with 1 partitions`);
        expect(await kcat(['-b', target.bootstrap, '-Q', '-t', `${topic}:0:1000`])).toBe(`${topic} [0] offset 0\n`);
      });
    });

    const noPython = confluentKafkaUnavailable();
    describe.skipIf(noPython !== null)(because('confluent-kafka', noPython), () => {
      let outcomes: Map<string, string | null>;

      beforeAll(async () => {
        outcomes = new Map();
        for (const line of lines(await python(JUDGE, [target.bootstrap], 170_000))) {
          const { step, failure } = JSON.parse(line) as { step: string; failure: string | null };
          outcomes.set(step, failure);
        }
      });

      const steps = [...readFileSync(JUDGE, 'utf8').matchAll(/^ {4}"([^"]+)": /gm)].map((match) => match[1] as string);
      it.each([...steps, ...CODECS.map((codec) => `produces idempotently with ${codec}`)])('%s', (step) => {
        expect(outcomes.get(step)).toBeNull();
      });
    });

    const noJava = kafkaUnavailable();
    describe.skipIf(noJava !== null)(because('Java clients', noJava), () => {
      const tool = async (main: string, ...args: string[]) => {
        const { code, stdout, stderr } = await kafkaTools(`${TOOLS}.${main}`, args);
        expect({ code, stderr }).toMatchObject({ code: 0 });
        return stdout;
      };
      const topicOf = async (partitions: number) => {
        const topic = unique('java');
        const args = ['--create', '--topic', topic, '--partitions', `${partitions}`, '--config', 'retention.ms=100000'];
        expect(await tool('TopicCommand', '--bootstrap-server', target.bootstrap, ...args)).toContain('Created topic');
        return topic;
      };
      const produce = async (topic: string, count: number, ...args: string[]) => {
        const all = ['--bootstrap-server', target.bootstrap, '--topic', topic, '--max-messages', `${count}`, '--acks', '-1', ...args];
        const summary = lines(await tool('VerifiableProducer', ...all)).findLast((line) => line.includes('tool_data')) ?? '{}';
        expect(JSON.parse(summary)).toMatchObject({ sent: count, acked: count });
      };
      /** Values in the order of arrival. */
      const consume = async (topic: string, count: number, ...args: string[]) => {
        const all = ['--bootstrap-server', target.bootstrap, '--topic', topic, '--max-messages', `${count}`, '--verbose', ...args];
        const consumer = await spawnKafkaTool(`${TOOLS}.VerifiableConsumer`, all);
        const timer = setTimeout(() => consumer.kill('SIGKILL'), 60_000);
        const exited = once(consumer, 'exit');
        const values: string[] = [];
        for await (const line of createInterface({ input: consumer.stdout as NodeJS.ReadableStream })) {
          if (!line.startsWith('{')) continue;
          const event = JSON.parse(line) as { name: string; value?: string };
          if (event.name === 'record_data') values.push(event.value ?? '');
        }
        await exited;
        clearTimeout(timer);
        return values;
      };

      it('create, describe and delete topics', async () => {
        const topic = await topicOf(3);

        const described = await tool('TopicCommand', '--bootstrap-server', target.bootstrap, '--describe', '--topic', topic);

        expect(described).toMatch(/PartitionCount: 3\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=100000/);
        await tool('TopicCommand', '--bootstrap-server', target.bootstrap, '--delete', '--topic', topic);
      });

      it('produce idempotently with every codec, consume as a group and find times', async () => {
        const topic = await topicOf(1);
        const createdMs = 1_700_000_000_000;
        for (const [at, codec] of CODECS.entries()) {
          const config = join(scratch, `${codec}.properties`);
          writeFileSync(config, `compression.type=${codec}\nenable.idempotence=true\nretries=5\n`);
          const time = ['--message-create-time', `${createdMs + at * 1_000_000}`];
          await produce(topic, 100, '--command-config', config, '--value-prefix', `${at}`, ...time);
        }

        const values = await consume(topic, 500, '--group-id', unique('group'));

        expect(values).toEqual(CODECS.flatMap((_, codec) => Array.from({ length: 100 }, (_, at) => `${codec}.${at}`)));
        // Only snappy differs in its framing between Java and librdkafka, whose judge asks for the times of every codec.
        const time = `${createdMs + CODECS.indexOf('snappy') * 1_000_000}`;
        expect(await tool('GetOffsetShell', '--bootstrap-server', target.bootstrap, '--topic', topic, '--time', time)).toBe(
          `${topic}:0:200\n`,
        );
      });

      it('copy in transactions, some aborted, and read back what was committed', async () => {
        const [input, output] = [await topicOf(1), await topicOf(1)];
        await produce(input, 200);
        const group = unique('group');

        const copied = await tool(
          'TransactionalMessageCopier',
          ...['--broker-list', target.bootstrap, '--transactional-id', unique('txn'), '--consumer-group', group],
          ...['--input-topic', input, '--input-partition', '0', '--output-topic', output, '--max-messages', '200'],
          ...['--transaction-size', '20', '--transaction-timeout', '10000', '--enable-random-aborts'],
        );

        expect(copied).toContain('"consumed":200,"remaining":0');
        const args = ['-b', target.bootstrap, '-C', '-t', output, '-o', 'beginning', '-e', '-q', '-X', 'isolation.level=read_committed'];
        expect(lines(await kcat(args))).toEqual(lines(numbers(200)));
      });

      it('list and describe groups', async () => {
        const topic = await topicOf(1);
        const group = unique('group');
        await produce(topic, 20);
        await consume(topic, 20, '--group-id', group);

        const described = await tool(
          'consumer.group.ConsumerGroupCommand',
          ...['--bootstrap-server', target.bootstrap, '--describe', '--group', group],
        );

        expect(described).toMatch(new RegExp(`${group}\\s+${topic}\\s+0\\s+20\\s+20\\s+0`));
      });
    });
  });
}
