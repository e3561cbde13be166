import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { TestWorker, WorkerCluster } from '../worker/worker-cluster.ts';
import type { StateProxy } from './state-proxy.ts';

/** What a place for a worker process holds. */
export type SlotState = 'down' | 'starting' | 'up' | 'frozen';

const UNFENCED = ['--import', pathToFileURL(join(import.meta.dirname, 'unfenced-process.ts')).href].join(' ');

/** One place where a worker runs, is killed and started again, as a container is. */
export class WorkerSlot {
  readonly #cluster: WorkerCluster;
  readonly #files: readonly string[];
  readonly #unfenced: boolean;
  readonly number: number;
  readonly proxy: StateProxy;
  state: SlotState = 'down';
  starts = 0;
  /** How processes ended that nobody ended. */
  readonly deaths: string[] = [];
  /** What earlier processes printed. */
  #printed = '';
  #worker: TestWorker | null = null;
  #closing = false;

  constructor(cluster: WorkerCluster, number: number, proxy: StateProxy, files: readonly string[], unfenced: boolean) {
    this.#cluster = cluster;
    this.number = number;
    this.proxy = proxy;
    this.#files = files;
    this.#unfenced = unfenced;
  }

  get worker(): TestWorker | null {
    return this.#worker;
  }

  /** Starts a process, again and again while Kafka, the table or the database are away. */
  async start(): Promise<void> {
    this.state = 'starting';
    const env = { AWS_ENDPOINT_URL_DYNAMODB: this.proxy.endpoint, ...(this.#unfenced ? { NODE_OPTIONS: UNFENCED } : {}) };
    while (!this.#closing) {
      try {
        this.starts++;
        const worker = await this.#cluster.start(this.#files, env);
        this.#worker = worker;
        this.state = 'up';
        void worker.exited.then((code) => this.#onExit(worker, code));
        return;
      } catch (error) {
        this.#printed += `--- did not start: ${error}\n`;
        await sleep(500);
      }
    }
  }

  #onExit(worker: TestWorker, code: number | null): void {
    this.#printed += `${worker.output()}--- ended with ${code ?? 'a signal'}\n`;
    if (this.#worker !== worker) return;
    // Nobody asked for it.
    this.deaths.push(`worker ${this.number} ended by itself with ${code}: ${worker.output().split('\n').slice(-4).join(' | ')}`);
    this.#worker = null;
    if (!this.#closing) void this.start();
  }

  async kill(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.state = 'down';
    await worker?.end('SIGKILL');
  }

  freeze(): void {
    this.#worker?.child.kill('SIGSTOP');
    this.state = 'frozen';
  }

  thaw(): void {
    this.#worker?.child.kill('SIGCONT');
    this.state = 'up';
  }

  /** Everything that the processes of this place printed. */
  printed(): string {
    return this.#printed + (this.#worker?.output() ?? '');
  }

  /** Tasks that would have waited for somebody to restart them; a kill of their worker may have helped. */
  failedTasks(): string[] {
    const lines = this.printed().split('\n');
    return lines.flatMap((line) => {
      if (!line.includes('"message":"task FAILED"')) return [];
      const { connector, task, time, trace } = JSON.parse(line) as Record<string, string>;
      return `${connector}-${task} became FAILED on worker ${this.number} at ${time}: ${trace?.split('\n')[0]}`;
    });
  }

  close(): void {
    this.#closing = true;
    this.#worker = null;
  }
}
