import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ORDERS = join(import.meta.dirname, '../../infra/pipelines/orders.json');

/** Where the parts of the pipeline are. */
export interface Surroundings {
  readonly bootstrapServers: string;
  /** `SASL_SSL` or `SASL_PLAINTEXT`; the user and its password are in the secret `shop/kafka`. */
  readonly securityProtocol: string;
  /** `jdbc:postgresql://host:port`, without a database. */
  readonly jdbcServer: string;
  readonly user: string;
}

type Config = Record<string, string>;
interface PipelineFile {
  readonly name: string;
  readonly worker: Config;
  readonly connectors: readonly { readonly name: string; readonly config: Config }[];
}

/**
 * Writes infra/pipelines/orders.json into a folder, at the addresses of this run: the same connectors and the same references to secrets,
 * with what `changes` say of a connector's keys.
 */
export function writeOrders(folder: string, at: Surroundings, changes: Readonly<Record<string, Config>> = {}): void {
  const file = JSON.parse(readFileSync(ORDERS, 'utf8')) as PipelineFile;
  const databases: Config = { 'orders-source': 'shop', 'orders-sink': 'analytics' };
  const connectors = file.connectors.map(({ name, config }) => ({
    name,
    config: {
      ...config,
      'connection.url': `${at.jdbcServer}/${databases[name]}`,
      'connection.user': at.user,
      ...(config['errors.deadletterqueue.topic.name'] === undefined ? {} : { 'errors.deadletterqueue.topic.replication.factor': '1' }),
      ...changes[name],
    },
  }));
  mkdirSync(folder, { recursive: true });
  const pipeline = {
    ...file,
    worker: { ...file.worker, 'bootstrap.servers': at.bootstrapServers, 'security.protocol': at.securityProtocol },
    connectors,
  };
  writeFileSync(join(folder, 'orders.json'), JSON.stringify(pipeline, null, 2));
}
