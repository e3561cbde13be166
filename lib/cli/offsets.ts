import { parseJsonText } from '../config/json-text.ts';
import { ConfigException } from '../core/errors.ts';
import { parseKeepingIntegers } from '../state/offset-json.ts';
import { jsonText } from './output/present.ts';
import type { RestClient } from './rest-client.ts';

/** A partition or an offset as the REST API has it; integers beyond 2^53 are bigints. */
export type JsonMap = Readonly<Record<string, unknown>>;

/** Where a connector stands in one partition; null = nowhere yet. */
export interface ConnectorOffset {
  readonly partition: JsonMap;
  readonly offset: JsonMap | null;
}

/** What `offsets export` writes and `offsets import` reads. */
export interface OffsetsFile {
  readonly name: string;
  readonly type: string;
  readonly offsets: readonly ConnectorOffset[];
}

export async function readOffsets(client: RestClient, name: string): Promise<ConnectorOffset[]> {
  const { offsets } = (await client.connector('GET', name, '/offsets')) as { offsets: ConnectorOffset[] };
  return offsets;
}

/** Equal partitions have equal texts. */
export function partitionKey(partition: JsonMap): string {
  return jsonText(Object.fromEntries(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1))), 0);
}

/** A partition of a sink. */
export function sinkPartition(topic: string, partition: number): JsonMap {
  return { kafka_topic: topic, kafka_partition: partition };
}

/** JSON text given by a user, integers whole. Throws ConfigException with line and column; `what` names the text. */
export function parseGivenJson(text: string, what: string): unknown {
  try {
    return parseKeepingIntegers(text);
  } catch (cause) {
    try {
      parseJsonText(text);
    } catch (error) {
      if (error instanceof ConfigException)
        throw new ConfigException(`cannot use ${what}: ${error.message}`, { cause: error, code: error.code });
    }
    throw new ConfigException(`cannot use ${what}: ${(cause as Error).message}`, { cause });
  }
}

/** A JSON object. Throws ConfigException. */
export function asMap(value: unknown, what: string): JsonMap {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new ConfigException(`${what} must be a JSON object, got ${jsonText(value, 0)}`);
  return value as JsonMap;
}
