import type { RestartRequest, RestartStore } from '../restart-store.ts';
import { type Item, ItemReader } from './item.ts';
import { connectorPk, encodeName, type ItemKey } from './keys.ts';
import type { StateTable } from './state-table.ts';

const PREFIX = 'restart#';
/** Heading of requests in the index, so that a worker learns of all with one query. */
const RESTART_LISTING = 'restarts';
/** Stands where a task's number would. */
const CONNECTOR = 'connector';

/** Restart requests as items of one table. */
export class DynamoRestartStore implements RestartStore {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async request(connector: string, task: number | null, nowMs: number): Promise<RestartRequest> {
    const id = this.#table.newId();
    const listed = { listing: RESTART_LISTING, listingKey: `${encodeName(connector)}#${task ?? CONNECTOR}` };
    await this.#table.update(keyOf(connector, task), { set: { id, requestedAtMs: nowMs, ...listed } });
    return { task, id, requestedAtMs: nowMs };
  }

  async list(connector: string): Promise<RestartRequest[]> {
    const { items } = await this.#table.query(connectorPk(connector), PREFIX);
    return items.map(requestOf).sort((a, b) => (a.task ?? -1) - (b.task ?? -1));
  }

  async connectors(): Promise<string[]> {
    const names = (await this.#table.listing(RESTART_LISTING)).map((item) => new ItemReader(item).text('listingKey').split('#')[0] ?? '');
    return [...new Set(names)].map(decodeURIComponent).sort();
  }

  async done(connector: string, request: RestartRequest): Promise<void> {
    await this.#table.delete(keyOf(connector, request.task), { name: 'id', value: request.id });
  }
}

function keyOf(connector: string, task: number | null): ItemKey {
  return { pk: connectorPk(connector), sk: `${PREFIX}${task ?? CONNECTOR}` };
}

function requestOf(item: Item): RestartRequest {
  const read = new ItemReader(item);
  const target = read.key.sk.slice(PREFIX.length);
  return { task: target === CONNECTOR ? null : Number(target), id: read.text('id'), requestedAtMs: read.number('requestedAtMs') };
}
