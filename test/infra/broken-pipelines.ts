import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A pipeline file with mistakes, as what it changes of one without, and what is said of it. */
export interface BrokenPipeline {
  readonly what: string;
  readonly base: 'source' | 'sink' | 'none';
  /** Keys of the connector; null takes one away. */
  readonly config?: Readonly<Record<string, string | null>>;
  readonly worker?: Readonly<Record<string, string | null>>;
  readonly stack?: object;
  readonly name?: string;
  /** Every mistake in the order told. */
  readonly problems: readonly string[];
}

export const BROKEN = JSON.parse(
  readFileSync(join(import.meta.dirname, '../fixtures/broken-pipelines.json'), 'utf8'),
) as readonly BrokenPipeline[];

const WORKER = {
  'bootstrap.servers': 'broker.example:9096',
  'security.protocol': 'SASL_SSL',
  'sasl.mechanism': 'SCRAM-SHA-512',
  'sasl.jaas.config':
    'org.apache.kafka.common.security.scram.ScramLoginModule required username="${secretsManager:shop/kafka:username}" password="${secretsManager:shop/kafka:password}";',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
};
const BASES: Readonly<Record<BrokenPipeline['base'], Readonly<Record<string, string>>>> = {
  none: {},
  sink: { 'connector.class': 'JdbcSink', 'connection.url': 'jdbc:postgresql://db.example/shop', topics: 'orders' },
  source: { 'connector.class': 'JdbcSource', 'connection.url': 'jdbc:postgresql://db.example/shop', mode: 'bulk', 'topic.prefix': 'shop-' },
};

/** The pipeline file of a case. */
export function pipelineOf({ base, config, worker, stack, name }: Omit<BrokenPipeline, 'what' | 'problems'>): object {
  return {
    name: 'shop',
    worker: changed(WORKER, worker),
    connectors: [{ name: name ?? 'one', config: changed(BASES[base], config) }],
    ...(stack === undefined ? {} : { stack }),
  };
}

function changed(from: Readonly<Record<string, string>>, changes: Readonly<Record<string, string | null>> = {}): object {
  return Object.fromEntries(Object.entries({ ...from, ...changes }).filter(([, value]) => value !== null));
}
