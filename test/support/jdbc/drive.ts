import { JdbcSinkTask } from '../../../lib/connectors/jdbc/sink/sink-task.ts';
import { JdbcSourceConnector } from '../../../lib/connectors/jdbc/source/source-connector.ts';
import { JdbcSourceTask } from '../../../lib/connectors/jdbc/source/source-task.ts';
import type { ConnectorProps } from '../../../lib/core/connector.ts';
import type { Schema } from '../../../lib/core/data/schema.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { INT64_SCHEMA, OPTIONAL_STRING_SCHEMA } from '../../../lib/core/data/schemas.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { SinkRecord } from '../../../lib/core/sink-record.ts';
import type { SourceRecord } from '../../../lib/core/source-record.ts';
import {
  createConnectorContext,
  createSinkTaskContext,
  createSourceTaskContext,
  type FakeSinkTaskContext,
  type FakeSinkTaskOptions,
  type FakeSourceTaskContext,
  ManualClock,
} from '../../../lib/testing/task-contexts.ts';

/** A source task that a test polls. */
export interface DrivenSource {
  readonly task: JdbcSourceTask;
  readonly context: FakeSourceTaskContext;
  readonly clock: ManualClock;
}

/** Finds the tables and starts the first task, as the runtime does. */
export async function startSource(
  props: ConnectorProps,
  context?: FakeSourceTaskContext,
  clock = new ManualClock(Date.now()),
): Promise<DrivenSource> {
  const all = { name: 'source', 'topic.prefix': 't-', ...props };
  const connector = new JdbcSourceConnector();
  // The watch for new tables sleeps until the connector is stopped.
  const patient = { now: () => clock.now(), monotonic: () => clock.now(), sleep: untilAborted };
  connector.initialize(createConnectorContext({ clock: patient }));
  await connector.start(all);
  const [config] = await connector.taskConfigs(1);
  await connector.stop();
  const own = context ?? createSourceTaskContext({ clock });
  const task = new JdbcSourceTask();
  task.initialize(own);
  await task.start(config!);
  return { task, context: own, clock };
}

/** Resolves when the signal aborts. */
export function untilAborted(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}

/** Polls until the task has nothing more for now. */
export async function pollAll({ task, context }: DrivenSource): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for (;;) {
    context.forget();
    const polled = await task.poll();
    if (polled === null || polled.length === 0) return records;
    records.push(...polled);
  }
}

/** A field of each record. */
export function values(records: readonly SourceRecord[], field: string): unknown[] {
  return records.map(({ value }) => (value as Struct).get(field));
}

/** A sink task that a test puts records into. */
export interface DrivenSink {
  readonly task: JdbcSinkTask;
  readonly context: FakeSinkTaskContext;
}

export function startSink(props: ConnectorProps, options: FakeSinkTaskOptions = {}): DrivenSink {
  const context = createSinkTaskContext(options);
  const task = new JdbcSinkTask();
  task.initialize(context);
  task.start({ name: 'sink', ...props });
  return { task, context };
}

/** `{id: int64, name: optional string}`. */
export const PERSON: Schema = SchemaBuilder.struct().field('id', INT64_SCHEMA).field('name', OPTIONAL_STRING_SCHEMA).build();

export function person(id: number, name: string | null, offset = id): SinkRecord {
  const value = new Struct(PERSON).put('id', BigInt(id)).put('name', name);
  return new SinkRecord({
    topic: 'people',
    kafkaPartition: 0,
    kafkaOffset: offset,
    keySchema: INT64_SCHEMA,
    key: BigInt(id),
    valueSchema: PERSON,
    value,
  });
}

/** The tombstone of a key. */
export function tombstone(id: number, offset: number): SinkRecord {
  return new SinkRecord({ topic: 'people', kafkaPartition: 0, kafkaOffset: offset, keySchema: INT64_SCHEMA, key: BigInt(id), value: null });
}
