import { ItemReader } from './item.ts';
import { connectorKey } from './keys.ts';
import type { StateTable } from './state-table.ts';

/**
 * Over how many shards a connector's offsets are spread. Known from the last read of its item, for a tick reads that first; the count
 * changes only while the connector is STOPPED, under a new generation, and what is written to a shard that is no longer used is never read.
 */
export class ShardCounts {
  readonly #table: StateTable;
  readonly #known = new Map<string, number>();

  constructor(table: StateTable) {
    this.#table = table;
  }

  saw(connector: string, shards: number): void {
    this.#known.set(connector, shards);
  }

  async of(connector: string): Promise<number> {
    const known = this.#known.get(connector);
    if (known !== undefined) return known;
    const item = await this.#table.get(connectorKey(connector));
    const shards = item === null ? 1 : new ItemReader(item).numberOr('shards', 1);
    // A connector that does not exist yet may be created with any count.
    if (item !== null) this.saw(connector, shards);
    return shards;
  }
}
