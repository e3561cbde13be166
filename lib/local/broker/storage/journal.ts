import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';

/** Remembers the last value of each key across restarts. */
export interface Journal<T> {
  /** What was there when the journal was opened. */
  readonly entries: ReadonlyMap<string, T>;
  /** null = forget the key. Returns after the operating system has it. */
  put(key: string, value: T | null): void;
  close(): void;
}

/** For a broker without a directory: nothing survives. */
export function memoryJournal<T>(): Journal<T> {
  return { entries: new Map(), put: () => undefined, close: () => undefined };
}

/** Lines are rewritten once there are this many more than keys. */
const SLACK_LINES = 10_000;

/** One JSON line per change; the last line of a key counts. A torn last line is one that nobody was told of. */
export function fileJournal<T>(path: string): Journal<T> {
  const entries = new Map<string, T>();
  if (existsSync(path)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const entry = parse<T>(line);
      if (entry === null) continue;
      const [key, value] = entry;
      if (value === null) entries.delete(key);
      else entries.set(key, value);
    }
  }
  const opened = new Map(entries);
  let lines = 0;
  let torn = false;
  let file = rewrite();

  function rewrite(): number {
    lines = 0;
    let text = '';
    for (const entry of entries) text += `${JSON.stringify(entry)}\n`;
    writeFileSync(`${path}.next`, text);
    renameSync(`${path}.next`, path);
    return openSync(path, 'a');
  }

  return {
    entries: opened,
    put: (key, value) => {
      // A full disk may have taken a part of the line before.
      const line = `${torn ? '\n' : ''}${JSON.stringify([key, value])}\n`;
      torn = true;
      writeAll(file, Buffer.from(line));
      torn = false;
      if (value === null) entries.delete(key);
      else entries.set(key, value);
      if (++lines < SLACK_LINES + entries.size) return;
      closeSync(file);
      file = rewrite();
    },
    close: () => closeSync(file),
  };
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function parse<T>(line: string): [string, T | null] | null {
  try {
    return JSON.parse(line) as [string, T | null];
  } catch {
    return null;
  }
}
