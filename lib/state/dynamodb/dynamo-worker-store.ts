import type { WorkerHeartbeat, WorkerStore } from '../worker-store.ts';
import { type Item, ItemReader } from './item.ts';
import { encodeName, type ItemKey } from './keys.ts';
import type { StateTable } from './state-table.ts';

const PK = 'workers';
const PREFIX = 'worker#';

/** Heartbeats of worker processes as items of one table. */
export class DynamoWorkerStore implements WorkerStore {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async beat(worker: Omit<WorkerHeartbeat, 'beats'>): Promise<WorkerHeartbeat> {
    const { id, beatAtMs, startedAtMs, url, version, joined, tasks, files } = worker;
    const outcome = await this.#table.update(keyOf(id), {
      set: { id, beatAtMs, startedAtMs, url, version, joined, tasks: JSON.stringify(tasks), files: JSON.stringify(files) },
      compute: ['#beats = if_not_exists(#beats, :zero) + :one'],
      values: { zero: 0, one: 1 },
      returns: 'ALL_NEW',
    });
    const item = 'written' in outcome ? outcome.written : 'landed' in outcome ? outcome.landed : outcome.refused;
    return heartbeatOf(item as Item);
  }

  async list(): Promise<WorkerHeartbeat[]> {
    const { items } = await this.#table.query(PK, PREFIX);
    return items.map(heartbeatOf).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  async remove(id: string): Promise<void> {
    await this.#table.delete(keyOf(id));
  }
}

function keyOf(id: string): ItemKey {
  return { pk: PK, sk: PREFIX + encodeName(id) };
}

function heartbeatOf(item: Item): WorkerHeartbeat {
  const read = new ItemReader(item);
  return {
    id: read.text('id'),
    beats: read.number('beats'),
    beatAtMs: read.number('beatAtMs'),
    startedAtMs: read.number('startedAtMs'),
    url: read.textOrNull('url'),
    joined: read.flag('joined'),
    tasks: read.json<string[]>('tasks'),
    files: read.json<Record<string, string>>('files'),
    version: read.text('version'),
  };
}
