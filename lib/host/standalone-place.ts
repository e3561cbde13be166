import { join } from 'node:path';
import type { StateStores } from '../state/state-stores.ts';
import { brokerDir, dynamoDbDir, startBroker, startDynamoDb } from './embedded.ts';
import type { HostFiles } from './host-files.ts';
import { openDynamoDbStores } from './state.ts';

/** Where one process keeps its state and finds Kafka. */
export interface PlaceOptions {
  readonly files: HostFiles;
  /** Endpoint of a DynamoDB; null = embedded, on disk. */
  readonly dynamodb: string | null;
  /** State that lives only as long as this process. */
  readonly inMemory: boolean;
  /** null = `serverless-connect-<pipeline name or group.id>`. */
  readonly table: string | null;
  readonly cwd: string;
}

/** State and Kafka of one process, given or embedded. */
export interface Place {
  readonly stores: StateStores;
  /** null = in memory. */
  readonly table: string | null;
  readonly bootstrap: string;
  readonly embeddedKafka: boolean;
}

/** Opens what is given and starts what is not. `closing` is called in reverse order at the end. Throws ConnectException (`unreachable`). */
export async function openPlace(options: PlaceOptions, closing: (() => Promise<void>)[]): Promise<Place> {
  const { cwd, files, inMemory } = options;
  const stateDir = join(cwd, stateFolder(files));
  const { stores, table } = await openState(options, stateDir, closing);
  const given = files.worker['bootstrap.servers'];
  if (given !== undefined) return { stores, table, bootstrap: given, embeddedKafka: false };
  const broker = await startBroker(inMemory ? {} : { dir: brokerDir(stateDir) });
  closing.push(() => broker.close());
  return { stores, table, bootstrap: broker.bootstrap, embeddedKafka: true };
}

async function openState(
  { dynamodb, files, inMemory, table }: PlaceOptions,
  stateDir: string,
  closing: (() => Promise<void>)[],
): Promise<{ stores: StateStores; table: string | null }> {
  if (inMemory) {
    const { createMemoryStores } = await import('../state/memory/create-memory-stores.ts');
    return { stores: createMemoryStores(), table: null };
  }
  const name = table ?? `serverless-connect-${files.pipeline ?? files.worker['group.id'] ?? 'standalone'}`;
  if (dynamodb !== null) return { stores: await openDynamoDbStores({ endpoint: dynamodb, table: name }, closing), table: name };
  const embedded = await startDynamoDb(dynamoDbDir(stateDir));
  closing.push(() => embedded.close());
  return { stores: await openDynamoDbStores({ ...embedded, table: name }, closing), table: name };
}

/** Where standalone state lives: beside Apache's offsets file, which is never touched, or in a folder of the pipeline's name. */
function stateFolder({ pipeline, worker }: HostFiles): string {
  const file = worker['offset.storage.file.filename'];
  return file === undefined ? join('.serverless-connect', pipeline ?? worker['group.id'] ?? 'standalone') : `${file}.state`;
}
