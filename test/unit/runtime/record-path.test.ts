import { describe, expect, it } from 'vitest';
import type { ProducerRecord } from '../../../lib/core/kafka-record.ts';
import { SourceRecord } from '../../../lib/core/source-record.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { TaskErrorMetrics } from '../../../lib/processing/task-error-metrics.ts';
import { createSinkProcessor, createSourceProcessor } from '../../../lib/runtime/record-path.ts';
import { consumed, KeepingLogger, ManualClock } from '../../support/processing/record-path.ts';

const WORKER = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'false',
};
const SMT = 'org.apache.kafka.connect.transforms';

function path(props: Record<string, string>, worker: Record<string, string> = WORKER) {
  const sent: ProducerRecord[] = [];
  const logger = new KeepingLogger();
  let asked = 0;
  const deps = {
    connector: 'c',
    task: 1,
    props: { name: 'c', 'connector.class': 'X', ...props },
    worker,
    resolver: createPluginResolver(REGISTRY),
    clock: new ManualClock(),
    random: () => 0.5,
    logger,
    metrics: new TaskErrorMetrics(),
    deadLetters: () => {
      asked++;
      return {
        send: (records: readonly ProducerRecord[]) => {
          sent.push(...records);
          return Promise.resolve();
        },
      };
    },
  };
  return { deps, sent, logger, asked: () => asked };
}

describe('record path', () => {
  it('carries a record from a source through transformations and converters', async () => {
    const { deps } = path({
      transforms: 'key,id,route',
      'transforms.key.type': `${SMT}.ValueToKey`,
      'transforms.key.fields': 'id',
      'transforms.id.type': `${SMT}.ExtractField$Key`,
      'transforms.id.field': 'id',
      'transforms.route.type': 'RegexRouter',
      'transforms.route.regex': '(.*)',
      'transforms.route.replacement': 'shop-$1',
    });
    const processor = await createSourceProcessor(deps);
    const value = new Map<string, unknown>([
      ['id', 7],
      ['name', 'x'],
    ]);
    const { records } = await processor.process([new SourceRecord({ topic: 'orders', value })]);
    const [record] = records;
    expect([record?.topic, Buffer.from(record?.key ?? []).toString(), Buffer.from(record?.value ?? []).toString()]).toEqual([
      'shop-orders',
      '7',
      '{"id":7,"name":"x"}',
    ]);
    await processor.close();
  });

  it('carries it back to a sink, and what fails into the dead letter queue with a log line', async () => {
    const { deps, sent, logger } = path({
      topics: 'orders',
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
      'errors.deadletterqueue.topic.name': 'dead',
    });
    const processor = await createSinkProcessor(deps);
    const records = await processor.process([consumed(1, { a: 1 }), consumed(2, '!not JSON')]);
    await processor.settleReports();
    expect(records.map((record) => record.value)).toEqual([new Map([['a', 1n]])]);
    expect(sent.map((record) => [record.topic, Buffer.from(record.value ?? []).toString(), record.headers])).toEqual([
      ['dead', '!not JSON', []],
    ]);
    expect(logger.errors).toEqual([
      "Error encountered in task c-1. Executing stage 'VALUE_CONVERTER' with class 'org.apache.kafka.connect.json.JsonConverter'.",
    ]);
    expect(processor.reporter).not.toBeNull();
  });

  it('makes no dead letter producer and no reporter where none is configured', async () => {
    const { deps, asked } = path({ topics: 'orders' });
    expect((await createSinkProcessor(deps)).reporter).toBeNull();
    expect(asked()).toBe(0);
  });

  it.each([
    [
      'a predicate that is not configured',
      { transforms: 'f', 'transforms.f.type': 'Filter', 'transforms.f.predicate': 'p' },
      /Unknown configuration 'predicates\.p\.plugin\.version'/,
    ],
    [
      'a transformation that refuses its configuration',
      {
        transforms: 'h',
        'transforms.h.type': `${SMT}.HeaderFrom$Value`,
        'transforms.h.fields': 'a,b',
        'transforms.h.headers': 'x',
        'transforms.h.operation': 'copy',
      },
      /'fields' config must have the same number of elements as 'headers' config/,
    ],
    ['an unknown transformation', { transforms: 'f', 'transforms.f.type': 'a.B' }, /Class a\.B could not be found\./],
    [
      'an unknown converter',
      { 'value.converter': 'a.B' },
      /Invalid value a\.B for configuration value\.converter: Class a\.B could not be found\./,
    ],
  ])('refuses %s as Connect does', async (_, props, message) => {
    await expect(createSourceProcessor(path(props as Record<string, string>).deps)).rejects.toThrow(message);
  });

  it('refuses a worker without converters', async () => {
    await expect(createSourceProcessor(path({}, {}).deps)).rejects.toThrow(
      'Missing required configuration "key.converter" which has no default value.',
    );
  });
});
