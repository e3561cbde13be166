import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PartitionLog } from '../log/partition-log.ts';
import { lockDirectory } from './directory-lock.ts';
import { fileJournal, type Journal, memoryJournal } from './journal.ts';

/** Where a broker keeps what it is told: in memory or in a directory. */
export interface Storage {
  /** What was put under this name before, e.g. `offsets`. */
  journal<T>(name: string): Journal<T>;
  partition(topicId: string, partition: number, startOffset: number): PartitionLog;
  /** Removes a topic's batches; its logs are closed. */
  removeTopic(topicId: string): void;
  close(): void;
}

/** Nothing survives the process. */
export function memoryStorage(): Storage {
  return {
    journal: () => memoryJournal(),
    partition: () => PartitionLog.inMemory(),
    removeTopic: () => undefined,
    close: () => undefined,
  };
}

/**
 * `<dir>/<name>.jsonl` and `<dir>/logs/<topic id>/<partition>.log`. Topics are filed by id: their names may differ in case only,
 * which some file systems cannot tell apart.
 */
export function directoryStorage(directory: string): Storage {
  const unlock = lockDirectory(directory);
  const journals: Journal<unknown>[] = [];
  return {
    journal: <T>(name: string) => {
      const journal = fileJournal<T>(join(directory, `${name}.jsonl`));
      journals.push(journal as Journal<unknown>);
      return journal;
    },
    partition: (topicId, partition, startOffset) => {
      const folder = join(directory, 'logs', topicId);
      mkdirSync(folder, { recursive: true });
      return PartitionLog.inFile(join(folder, `${partition}.log`), startOffset);
    },
    removeTopic: (topicId) => rmSync(join(directory, 'logs', topicId), { recursive: true, force: true }),
    close: () => {
      for (const journal of journals) journal.close();
      unlock();
    },
  };
}
