import { describe, expect, it } from 'vitest';
import { createLineLogger, type LogLine } from '../../../lib/core/line-logger.ts';
import { ProcessLogLevels } from '../../../lib/rest/log-levels.ts';

describe('log levels by namespace', () => {
  it('come from the nearest namespace above that has one, else from root', () => {
    const levels = new ProcessLogLevels('warn');
    levels.set('io.confluent.connect', 'DEBUG', 1);
    levels.set('io.confluent.connect.jdbc.JdbcSinkConnector', 'OFF', 2);
    expect(levels.levelOf('root')).toBe('warn');
    expect(levels.levelOf('')).toBe('warn');
    expect(levels.levelOf('io.confluent')).toBe('warn');
    expect(levels.levelOf('io.confluent.connection')).toBe('warn');
    expect(levels.levelOf('io.confluent.connect')).toBe('debug');
    expect(levels.levelOf('io.confluent.connect.jdbc.JdbcSourceConnector')).toBe('debug');
    expect(levels.levelOf('io.confluent.connect.jdbc.JdbcSinkConnector')).toBe('error');
  });

  it('decide what a logger of the namespace writes, at once', () => {
    const levels = new ProcessLogLevels('info');
    const lines: LogLine[] = [];
    const logger = createLineLogger({ level: (name) => levels.levelOf(name), now: () => 0, write: (line) => lines.push(line) });
    const task = logger.child({ connector: 'orders', logger: 'org.example.Orders' }).child({ task: 0 });
    task.debug('before');
    levels.set('org.example', 'TRACE', 1);
    task.debug('after');
    logger.debug('of another');
    expect(lines.map(({ message, fields }) => [message, fields])).toEqual([
      ['after', { connector: 'orders', logger: 'org.example.Orders', task: 0 }],
    ]);
  });
});
