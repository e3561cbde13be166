import type { TaskFigures } from '../runtime/task-outcome.ts';

/** A task as the progress display shows it. */
export interface TaskRow {
  readonly connector: string;
  readonly task: number;
  readonly state: string;
  readonly figures: TaskFigures;
}

const TERMINAL_EVERY_MS = 1_000;
const LINES_EVERY_MS = 5_000;

/** Rates of one task between two looks. */
interface Look {
  readonly recordsOut: number;
  readonly bytes: number;
  readonly atMs: number;
}

/** Where progress is shown; lines are rewritten on a terminal. */
export interface ProgressOutput {
  readonly isTTY: boolean;
  write(text: string): unknown;
}

/**
 * Progress while tasks run: records and bytes per second and lag of each task; on a terminal a table that is drawn over itself, elsewhere a
 * JSON line per task. Idle tasks are written once, not again and again.
 */
export class ProgressDisplay {
  readonly #rows: () => readonly TaskRow[];
  readonly #out: ProgressOutput;
  readonly #looks = new Map<string, Look>();
  readonly #written = new Map<string, string>();
  #drawnLines = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(rows: () => readonly TaskRow[], out: ProgressOutput = process.stdout) {
    this.#rows = rows;
    this.#out = out;
  }

  start(): void {
    this.#timer = setInterval(() => this.draw(), this.#out.isTTY ? TERMINAL_EVERY_MS : LINES_EVERY_MS);
    this.#timer.unref();
  }

  /** Draws a last time, so that the end is seen. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.draw();
  }

  draw(): void {
    const rows = this.#rows().map((row) => ({ row, ...this.#rates(row) }));
    if (this.#out.isTTY) this.#table(rows);
    else this.#lines(rows);
  }

  #rates({ connector, task, figures }: TaskRow): { recordsPerSecond: number; bytesPerSecond: number } {
    const key = `${connector}-${task}`;
    const atMs = performance.now();
    const before = this.#looks.get(key) ?? { recordsOut: 0, bytes: 0, atMs: atMs - TERMINAL_EVERY_MS };
    this.#looks.set(key, { recordsOut: figures.recordsOut, bytes: figures.bytes, atMs });
    const seconds = Math.max(0.001, (atMs - before.atMs) / 1000);
    return {
      recordsPerSecond: Math.round((figures.recordsOut - before.recordsOut) / seconds),
      bytesPerSecond: Math.round((figures.bytes - before.bytes) / seconds),
    };
  }

  #table(rows: readonly { row: TaskRow; recordsPerSecond: number; bytesPerSecond: number }[]): void {
    const lines = ['task                              state       records   records/s     MB/s        lag'];
    for (const { row, recordsPerSecond, bytesPerSecond } of rows) {
      lines.push(
        `${`${row.connector}-${row.task}`.padEnd(34)}${row.state.padEnd(9)}${String(row.figures.recordsOut).padStart(10)}${String(recordsPerSecond).padStart(12)}${(bytesPerSecond / 1e6).toFixed(1).padStart(9)}${String(row.figures.lag ?? '-').padStart(11)}`,
      );
    }
    if (this.#drawnLines > 0) this.#out.write(`\u001b[${this.#drawnLines}A\u001b[0J`);
    this.#out.write(`${lines.join('\n')}\n`);
    this.#drawnLines = lines.length;
  }

  #lines(rows: readonly { row: TaskRow; recordsPerSecond: number; bytesPerSecond: number }[]): void {
    for (const { row, recordsPerSecond, bytesPerSecond } of rows) {
      const { recordsOut, lag, deadLetters, retries } = row.figures;
      const key = `${row.connector}-${row.task}`;
      const seen = JSON.stringify([row.state, recordsOut, lag, deadLetters, retries]);
      if (this.#written.get(key) === seen) continue;
      this.#written.set(key, seen);
      const line = {
        event: 'progress',
        connector: row.connector,
        task: row.task,
        state: row.state,
        records: recordsOut,
        recordsPerSecond,
        bytesPerSecond,
        lag,
        deadLetters,
        retries,
      };
      this.#out.write(`${JSON.stringify(line)}\n`);
    }
  }
}
