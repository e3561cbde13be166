import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfigFile } from '../../../lib/config/files.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const PIPELINE = {
  name: 'orders',
  worker: { 'key.converter': 'K' },
  connectors: [{ name: 'a', config: { 'connector.class': 'X', 'tasks.max': 4 } }],
};

describe('readConfigFile', () => {
  it('knows a pipeline by its connectors', async () => {
    const read = await readConfigFile(file('p.json', JSON.stringify(PIPELINE)));
    expect(read).toMatchObject({
      kind: 'pipeline',
      folder,
      pipeline: {
        name: 'orders',
        worker: { 'key.converter': 'K' },
        connectors: [{ name: 'a', initialState: 'RUNNING', config: { name: 'a', 'connector.class': 'X', 'tasks.max': '4' } }],
        unknownKeys: 'refuse',
      },
    });
  });

  it('knows a connector by name and config, whatever the file is called', async () => {
    const read = await readConfigFile(
      file('c.txt', '{"name": "c", "config": {"connector.class": "X", "a": true}, "initial_state": "stopped"}'),
    );
    expect(read).toMatchObject({ kind: 'connector', connector: { name: 'c', initialState: 'STOPPED', config: { a: 'true', name: 'c' } } });
  });

  it('knows a flat connector by connector.class', async () => {
    const read = await readConfigFile(file('f.json', '{"name": "f", "connector.class": "X"}'));
    expect(read).toMatchObject({ kind: 'connector', connector: { name: 'f', config: { name: 'f', 'connector.class': 'X' } } });
  });

  it('tells connector and worker .properties apart by connector.class', async () => {
    expect(await readConfigFile(file('c.properties', 'name=c\nconnector.class=X\n'))).toMatchObject({
      kind: 'connector',
      connector: { name: 'c' },
    });
    expect(await readConfigFile(file('w.properties', 'bootstrap.servers=h:9092\n'))).toMatchObject({
      kind: 'worker',
      worker: { 'bootstrap.servers': 'h:9092' },
    });
  });

  it('reads .properties as Java does: bytes are Latin-1', async () => {
    expect(await readConfigFile(file('l.properties', Buffer.from('a=\xe9', 'latin1')))).toMatchObject({ worker: { a: 'é' } });
  });

  it.each([
    ['a missing file', () => join(folder, 'nope.json'), /^cannot read .*nope\.json: there is no such file$/],
    ['a folder', () => folder, /it is a folder; name the file in it$/],
    [
      'malformed JSON',
      () => file('m.json', '{\n "name": "x",\n}'),
      /m\.json: malformed JSON in line 3, column 1: expected a key in double quotes, found "}"$/,
    ],
    [
      'an empty .json file',
      () => file('e.json', ''),
      /e\.json: malformed JSON in line 1, column 1: expected a value, found the end of the file$/,
    ],
    ['a malformed escape', () => file('u.properties', 'a=\\u00zz'), /u\.properties: malformed \\uxxxx encoding in line 1/],
    [
      'JSON of something else',
      () => file('o.json', '{"foo": 1}'),
      /neither "connectors", nor "config", nor "connector\.class"; expected a pipeline/,
    ],
    ['a list', () => file('a.json', '[1]'), /it holds a list; expected a pipeline/],
    ['a connector without a name', () => file('n.properties', 'connector.class=X'), /name: a connector needs a name; add the key name/],
    [
      'two names',
      () => file('t.json', '{"name":"a","config":{"name":"b"}}'),
      /config\.name: the configuration says "b", the connector is named "a"/,
    ],
  ])('has one clear message for %s', async (_, path, message) => {
    await expect(readConfigFile(path())).rejects.toThrow(message);
  });

  it('tells every mistake of a pipeline at once', async () => {
    const broken = {
      nam: 'x',
      worker: { a: null, b: ['x', 'y'] },
      connectors: [
        { name: 'a', config: { 'connector.class': 'X' }, confg: {} },
        { name: 'a', config: { 'connector.class': { x: 1 } } },
        'text',
        { config: {}, initial_state: 'asleep' },
      ],
      stack: { vpcs: 'v', subnets: 'subnet-1' },
      'config.unknown.keys': 'ignore',
    };
    const error = await readConfigFile(file('b.json', JSON.stringify(broken))).catch((reason: Error) => reason);
    expect((error as Error).message.split('\n').slice(1)).toEqual([
      '  nam: unknown key; did you mean name?',
      '  name: a pipeline needs a name; a letter, then letters, digits and dashes, at most 100: it names the stack and the state table',
      '  config.unknown.keys: not known: "ignore"; allowed: refuse, allow',
      '  worker: a: expected a text, a number or a boolean, found null; leave the key out, or give it a text',
      '  worker: b: expected a text, a number or a boolean, found a list; write the list as one text: "x,y"',
      '  connectors[0] (a): confg: unknown key; did you mean config?',
      '  connectors[1] (a).config: connector.class: expected a text, a number or a boolean, found an object; leave the key out, or give it a text',
      '  connectors[1] (a): name: connectors[0] has this name too; give each connector a name of its own',
      '  connectors[2]: expected an object, found a string; write { "name": …, "config": { … } }',
      '  connectors[3]: name: a connector needs a name; expected a text that is not empty',
      '  connectors[3]: initial_state: not a state: "asleep"; allowed: RUNNING, PAUSED, STOPPED',
      '  stack: vpcs: unknown key; did you mean vpc?',
      '  stack: subnets: expected a list of ids, found a string; write ["id", …]',
    ]);
    expect((error as Error).message).toMatch(/^.*b\.json: 13 mistakes\n/);
  });
});
