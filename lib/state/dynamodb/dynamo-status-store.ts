import { LeaseLostException } from '../errors.ts';
import type { Lease } from '../lease-store.ts';
import type { StatusStore, TaskStatus, TaskSummary } from '../status-store.ts';
import { TASK_LISTING } from '../table-shape.ts';
import { ItemReader } from './item.ts';
import { connectorPk, type ItemKey, TASK_PREFIX, TRACE_PREFIX, taskKey } from './keys.ts';
import { fencedUpdate } from './stamp.ts';
import type { StateTable } from './state-table.ts';
import { holdsLaterStatus, statusOf, statusUpdate, summaryOf, taskOfKey } from './task-item.ts';
import { traceAttributes, traceOf, traceTask } from './trace-item.ts';

/** Status and active topics as items of one table. */
export class DynamoStatusStore implements StatusStore {
  readonly #table: StateTable;
  #order = 0;

  constructor(table: StateTable) {
    this.#table = table;
  }

  async putTask(lease: Lease, status: Omit<TaskStatus, 'task' | 'generation'>): Promise<void> {
    const order = ++this.#order;
    const outcome = await this.#table.update(taskKey(TASK_PREFIX, lease.connector, lease.task), statusUpdate(lease, status, order));
    if ('refused' in outcome && !holdsLaterStatus(lease, outcome.refused)) {
      throw new LeaseLostException(`lost the lease of ${lease.connector}-${lease.task}: its status was not written`);
    }
    // Afterwards, so that an owner whose status is refused cannot replace a trace either. A kill in between leaves a status without trace.
    if (status.trace !== null) {
      await fencedUpdate(this.#table, taskKey(TRACE_PREFIX, lease.connector, lease.task), lease, order, traceAttributes(status.trace));
    }
  }

  async tasks(connector: string): Promise<TaskStatus[]> {
    const pk = connectorPk(connector);
    const { items } = await this.#table.query(pk, TASK_PREFIX);
    const reports = items.map((item) => statusOf(taskOfKey(item), item)).filter((report) => report !== null);
    const traced = reports.some((report) => report.traced) ? (await this.#table.query(pk, TRACE_PREFIX)).items : [];
    const traces = new Map(traced.map((item) => [traceTask(item), item]));
    return reports
      .map(({ status, traced, writtenBy }) => ({ ...status, trace: traced ? traceOf(traces.get(status.task), writtenBy) : null }))
      .sort((a, b) => a.task - b.task);
  }

  async listTasks(): Promise<TaskSummary[]> {
    const found = (await this.#table.listing(TASK_LISTING)).map(summaryOf);
    return found.sort((a, b) => (a.connector === b.connector ? a.task - b.task : a.connector < b.connector ? -1 : 1));
  }

  async addTopics(connector: string, topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    await this.#table.update(topicsKey(connector), { set: {}, add: { name: 'topics', texts: [...new Set(topics)] } });
  }

  async topics(connector: string): Promise<string[]> {
    const item = await this.#table.get(topicsKey(connector));
    return item === null ? [] : new ItemReader(item).texts('topics').sort();
  }

  async resetTopics(connector: string): Promise<void> {
    await this.#table.delete(topicsKey(connector));
  }
}

function topicsKey(connector: string): ItemKey {
  return { pk: connectorPk(connector), sk: 'topics' };
}
