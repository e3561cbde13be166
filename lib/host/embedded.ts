import { join } from 'node:path';

/**
 * The embedded parts, loaded only when somebody needs them: a worker on real Kafka and a real table never does.
 * `dir` null = in memory.
 */
export async function startBroker(options: {
  readonly port?: number;
  readonly dir?: string;
}): Promise<{ bootstrap: string; close(): Promise<void> }> {
  const { startBroker: start } = await import('../local/broker/broker.ts');
  return start(options);
}

/** Runs the embedded Kafka alone until `signal` aborts; prints where it listens. */
export async function serveBroker(
  options: { readonly port: number; readonly dir?: string },
  io: { readonly print: (line: string) => void; readonly signal: AbortSignal },
): Promise<void> {
  const { serveBroker: serve } = await import('../local/broker/serve-broker.ts');
  await serve(options, io);
}

/** The embedded Kafka of a state folder. */
export function brokerDir(stateDir: string): string {
  return join(stateDir, 'kafka');
}

/** The embedded DynamoDB of a state folder. */
export function dynamoDbDir(stateDir: string): string {
  return join(stateDir, 'dynamodb');
}

export async function startDynamoDb(
  dir: string,
): Promise<{ endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string }; close(): Promise<void> }> {
  const { startDynamoDb: start } = await import('../local/dynamodb/start-dynamodb.ts');
  return start({ dir });
}
