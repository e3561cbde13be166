import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { dlqShowCommand } from '../../../lib/cli/commands/dlq/show.ts';
import { offsetsSetCommand } from '../../../lib/cli/commands/offsets/set.ts';
import { type DeadLetter, deadLetterOf, selectionOf } from '../../../lib/cli/dead-letters.ts';
import { tableLines } from '../../../lib/cli/output/table.ts';
import { parseArguments } from '../../../lib/cli/parse-arguments.ts';
import { selects, sinkTargetOf, topicSelection } from '../../../lib/cli/sink-positions.ts';
import { runHere } from '../../support/cli/run-here.ts';

const bytes = (text: string) => Buffer.from(text);

describe('tables', () => {
  const columns = [{ title: 'NAME' }, { title: 'N', align: 'right' as const }, { title: 'TEXT', cut: true }];

  it('cuts only what may be cut, and shows no control characters', () => {
    const lines = tableLines(columns, [['a', '10', 'one two\nthree \u001b[2J four']], { width: 24, colours: false });
    expect(lines).toEqual(['NAME   N  TEXT', 'a     10  one two three…']);
  });

  it('is as wide as it needs to be without a terminal', () => {
    expect(tableLines(columns, [['a', '1', 'x'.repeat(300)]], { width: null, colours: false })[1]).toHaveLength(309);
  });
});

describe('flags', () => {
  const set = (...argv: string[]) => parseArguments(offsetsSetCommand, argv);

  it('name one target and any number of partitions', () => {
    expect(sinkTargetOf(set('x', '--shift-by=-5'))).toEqual({ kind: 'shift', by: -5 });
    expect(sinkTargetOf(set('x', '--to-timestamp', '2026-01-01T00:00:00Z'))).toEqual({ kind: 'timestamp', timestampMs: 1767225600000 });
    expect(() => sinkTargetOf(set('x', '--to-latest', '--to-offset', '1'))).toThrow('--to-latest and --to-offset exclude each other');
    expect(() => sinkTargetOf(set('x', '--to-timestamp', 'soon'))).toThrow("got 'soon'");
    const selection = topicSelection(set('x', '--topic', 'a:0,2', '--topic', 'b'));
    const chosen = [
      ['a', 0],
      ['a', 1],
      ['b', 7],
      ['c', 0],
    ] as const;
    expect(chosen.map(([topic, partition]) => selects(selection, { topic, partition }))).toEqual([true, false, true, false]);
    expect(() => topicSelection(set('x', '--topic', 'a:x'))).toThrow('--topic must be TOPIC or TOPIC:0,1');
  });
});

describe('dead letters', () => {
  const header = (name: string, value: string) => ({ key: `__connect.errors.${name}`, value: bytes(value) });
  const letter = (...headers: { key: string; value: Buffer }[]): DeadLetter =>
    deadLetterOf({ topic: 'dlq', partition: 0, offset: 3, timestamp: 1000, timestampType: 'CREATE_TIME', key: null, value: null, headers });

  it('are read from the headers of the last failure', () => {
    const own = { key: 'trace-id', value: bytes('7') };
    const attempts = { key: 'serverless-connect.redrive.attempts', value: bytes('2') };
    const again = letter(own, header('topic', 'old'), attempts, header('topic', 'orders'), header('partition', '4'), header('offset', '9'));
    expect(again).toMatchObject({ origin: { topic: 'orders', partition: 4, offset: 9 }, attempts: 2, headers: [own] });
    expect(letter(own)).toMatchObject({ origin: null, attempts: 0, error: null });
  });

  it('are selected by class, connector, partition and time', () => {
    const one = letter(
      header('topic', 'orders'),
      header('partition', '4'),
      header('connector.name', 'sink'),
      header('exception.class.name', 'org.apache.kafka.connect.errors.DataException'),
    );
    const isSelected = (...argv: string[]) => selectionOf(parseArguments(dlqShowCommand, argv))(one);
    expect(isSelected('--error', 'DataException', '--connector', 'sink', '--partition', '4', '--since', '1000', '--until', '1001')).toBe(
      true,
    );
    for (const flags of [
      ['--error', 'Data'],
      ['--connector', 'x'],
      ['--partition', '3'],
      ['--since', '1001'],
      ['--until', '1000'],
    ])
      expect(isSelected(...flags)).toBe(false);
  });
});

describe('help and completion', () => {
  it('every command has examples of itself with flags that it knows', async () => {
    const { out } = await runHere(['--help']);
    const names = [...out.matchAll(/^ {2}(\S+(?: \S+)?) {2,}\S/gm)].map(([, name]) => name as string);
    expect(names).toContain('offsets set');
    for (const name of names) {
      const help = (await runHere([...name.split(' '), '--help'])).out;
      const flags = new Set([...(help.split('examples:')[0]?.matchAll(/^ {2}(--[\w-]+)/gm) ?? [])].map(([, flag]) => flag));
      const calls = [...(help.split('examples:')[1] ?? '').matchAll(/^ {2}serverless-connect (.*)$/gm)].map(([, call]) => call as string);
      expect(calls.length, name).toBeGreaterThan(0);
      for (const call of calls) {
        expect(call.startsWith(name), call).toBe(true);
        for (const [flag] of call.matchAll(/(?<=\s)--[\w-]+/g)) expect(flags, call).toContain(flag);
      }
    }
  });

  it('bash completes commands, second words and flags', async () => {
    const script = (await runHere(['completion', 'bash'])).out;
    const complete = (words: readonly string[]) => {
      const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
      const printed = execFileSync('bash', ['-c', `${script}\n${set}; _serverless_connect; printf '%s\\n' "\${COMPREPLY[@]}"`], {
        encoding: 'utf8',
      });
      return printed.trim().split('\n');
    };
    expect(complete(['serverless-connect', 'paus'])).toEqual(['pause']);
    expect(complete(['serverless-connect', 'offsets', 'ex'])).toEqual(['export']);
    expect(complete(['serverless-connect', 'offsets', 'set', '--to-e'])).toEqual(['--to-earliest']);
    expect((await runHere(['completion', 'zsh'])).out).toMatch(/^#compdef serverless-connect\n/);
    expect((await runHere(['completion', 'fish'])).out).toContain('-l to-earliest');
    expect(await runHere(['completion', 'ksh'])).toMatchObject({ code: 2 });
  });
});
