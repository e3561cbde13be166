import { LAMBDA_CONFIG_DEF } from '../../../lib/config/lambda-keys.ts';
import { sinkConfigDef } from '../../../lib/connectors/jdbc/sink-config.ts';
import type { TestPostgres } from '../postgres/start-postgres.ts';

type Config = Readonly<Record<string, string>>;

/** A connector as its file has it. */
export interface ChaosConnector {
  readonly name: string;
  readonly config: Config;
}

export const ORDERS_TOPIC = 'chaos-orders';
export const PAYMENTS_TOPIC = 'chaos-payments';
export const PARTITIONS = 3;
export const LEASE_MS = 5_000;

/** Names of connectors, which are the paths of the ledger. */
export const ORDERS_SOURCE = 'orders-source';
export const PAYMENTS_SOURCE = 'payments-source';
export const WORKER_SINK = 'payments-worker-sink';
export const EVENT_SINK = 'orders-event-sink';
export const SCHEDULED_SINK = 'payments-scheduled-sink';

/** The sink's key by which the target itself keeps the offsets; null where this version has none. */
export const WATERMARK_KEY = ['lambda.jdbc.watermark.table', 'watermark.table'].find(
  (key) => LAMBDA_CONFIG_DEF.keys.has(key) || sinkConfigDef.keys.has(key),
);

/** Tables of source and targets. Each row that a sink writes leaves a line in `audit`, with the connection that wrote it. */
export const TABLES = `
CREATE TABLE orders (id bigint PRIMARY KEY, account int NOT NULL, seq bigint NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE payments (id bigint PRIMARY KEY, account int NOT NULL, seq bigint NOT NULL);
CREATE TABLE audit (n bigserial PRIMARY KEY, sink text NOT NULL, kafka_partition int NOT NULL, kafka_offset bigint NOT NULL,
  writer text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE FUNCTION write_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit (sink, kafka_partition, kafka_offset, writer)
    SELECT TG_ARGV[0], NEW.kafka_partition, NEW.kafka_offset, backend_start::text || ' ' || pid FROM pg_stat_get_activity(pg_backend_pid());
  RETURN NEW;
END $$;
${[EVENT_SINK, SCHEDULED_SINK, WORKER_SINK].map((sink) => target(sink, sink === EVENT_SINK)).join('\n')}
`;

function target(sink: string, plain: boolean): string {
  const table = tableOf(sink);
  return `CREATE TABLE ${table} (id bigint ${plain ? '' : 'PRIMARY KEY'}, account int, seq bigint, updated_at timestamp, kafka_partition int, kafka_offset bigint);
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION write_audit('${sink}');`;
}

function tableOf(sink: string): string {
  return `${sink.replaceAll('-', '_')}_target`;
}

function connection(postgres: TestPostgres): Config {
  return { 'connection.url': postgres.jdbcUrl, 'connection.user': postgres.user, 'connection.password': postgres.password };
}

function source(postgres: TestPostgres, table: string): Config {
  return {
    'connector.class': 'io.confluent.connect.jdbc.JdbcSourceConnector',
    ...connection(postgres),
    'table.whitelist': `public.${table}`,
    'topic.prefix': 'chaos-',
    'incrementing.column.name': 'id',
    'poll.interval.ms': '100',
    'batch.max.rows': '40',
    'connection.attempts': '100',
    'connection.backoff.ms': '500',
    // Rows of one account stay in order.
    transforms: 'key,account',
    'transforms.key.type': 'org.apache.kafka.connect.transforms.ValueToKey',
    'transforms.key.fields': 'account',
    'transforms.account.type': 'org.apache.kafka.connect.transforms.ExtractField$Key',
    'transforms.account.field': 'account',
    'lambda.lease.ms': String(LEASE_MS),
  };
}

function sink(postgres: TestPostgres, name: string, topic: string): Config {
  return {
    'connector.class': 'io.confluent.connect.jdbc.JdbcSinkConnector',
    ...connection(postgres),
    topics: topic,
    'table.name.format': tableOf(name),
    'max.retries': '1000',
    'retry.backoff.ms': '300',
    'connection.attempts': '100',
    'connection.backoff.ms': '500',
    transforms: 'where',
    'transforms.where.type': 'org.apache.kafka.connect.transforms.InsertField$Value',
    'transforms.where.partition.field': 'kafka_partition',
    'transforms.where.offset.field': 'kafka_offset',
    'lambda.lease.ms': String(LEASE_MS),
  };
}

/** Writes a row per id and compares offsets in the target, where this version can. */
function upsert(name: string): Config {
  return {
    'insert.mode': 'upsert',
    'pk.mode': 'record_value',
    'pk.fields': 'id',
    'consumer.override.isolation.level': 'read_committed',
    ...(WATERMARK_KEY === undefined ? {} : { [WATERMARK_KEY]: `${tableOf(name)}_watermarks` }),
  };
}

/** What the workers run. */
export function workerConnectors(postgres: TestPostgres): ChaosConnector[] {
  return [
    {
      name: ORDERS_SOURCE,
      config: { ...source(postgres, 'orders'), mode: 'timestamp+incrementing', 'timestamp.column.name': 'updated_at' },
    },
    { name: PAYMENTS_SOURCE, config: { ...source(postgres, 'payments'), mode: 'incrementing', 'exactly.once.support': 'required' } },
    { name: WORKER_SINK, config: { ...sink(postgres, WORKER_SINK, PAYMENTS_TOPIC), ...upsert(WORKER_SINK), 'tasks.max': '2' } },
  ];
}

/** Where functions find the database's password: a template may not hold it. */
export const DATABASE_SECRET = 'chaos/database';

/** What is deployed into the Lambda host. */
export function lambdaConnectors(postgres: TestPostgres): ChaosConnector[] {
  const soon = { 'lambda.failure.backoff.ms': '1000', 'lambda.failure.backoff.max.ms': '3000', 'lambda.retry.ms': '3000' };
  const password = { 'connection.password': `\${secretsManager:${DATABASE_SECRET}:password}` };
  return [
    {
      name: EVENT_SINK,
      config: {
        ...sink(postgres, EVENT_SINK, ORDERS_TOPIC),
        ...password,
        'insert.mode': 'insert',
        'lambda.trigger': 'event',
        'lambda.batch.size': '25',
        'lambda.timeout.ms': '20000',
        'lambda.shutdown.buffer.ms': '2000',
        ...soon,
      },
    },
    {
      name: SCHEDULED_SINK,
      config: {
        ...sink(postgres, SCHEDULED_SINK, PAYMENTS_TOPIC),
        ...password,
        ...upsert(SCHEDULED_SINK),
        'lambda.trigger': 'schedule',
        'lambda.timeout.ms': '20000',
        'lambda.shutdown.buffer.ms': '2000',
        ...soon,
      },
    },
  ];
}

export const CONVERTERS: Config = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
};
