import type { LoggerLevel, LoggerStore } from '../logger-store.ts';
import { LOGGERS_PARTITION } from '../table-shape.ts';
import { type Item, ItemReader } from './item.ts';
import { encodeName } from './keys.ts';
import type { StateTable } from './state-table.ts';

const PREFIX = 'logger#';

/** Log levels of cluster scope as items of one table. */
export class DynamoLoggerStore implements LoggerStore {
  readonly #table: StateTable;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async set({ logger, level, changedAtMs }: LoggerLevel): Promise<void> {
    await this.#table.update({ pk: LOGGERS_PARTITION, sk: PREFIX + encodeName(logger) }, { set: { logger, level, changedAtMs } });
  }

  async list(): Promise<LoggerLevel[]> {
    const { items } = await this.#table.query(LOGGERS_PARTITION, PREFIX);
    return items.map(levelOf).sort((a, b) => (a.logger < b.logger ? -1 : 1));
  }
}

function levelOf(item: Item): LoggerLevel {
  const read = new ItemReader(item);
  return { logger: read.text('logger'), level: read.text('level'), changedAtMs: read.number('changedAtMs') };
}
