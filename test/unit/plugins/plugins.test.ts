import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigDef } from '../../../lib/core/config/config-def.ts';
import type { PluginManifest } from '../../../lib/core/manifest.ts';
import { loadModulePlugin } from '../../../lib/plugins/module-plugins.ts';
import { isModuleSpecifier } from '../../../lib/plugins/plugin-names.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';

const RESOLVER = createPluginResolver(REGISTRY);

function manifest(kind: PluginManifest['kind'], className: string): PluginManifest {
  return {
    kind,
    className,
    aliases: [],
    configDef: new ConfigDef(),
    overview: '',
    module: '',
    exportName: '',
    load: () => Promise.reject(new Error('not loaded')),
  };
}

describe('plug-in resolver', () => {
  it.each(['org.apache.kafka.connect.file.FileStreamSinkConnector', 'FileStreamSinkConnector', 'FileStreamSink'])(
    'finds a connector as %s',
    (name) => {
      expect(RESOLVER.connector(name).className).toBe('org.apache.kafka.connect.file.FileStreamSinkConnector');
    },
  );

  it.each(['io.confluent.connect.jdbc.JdbcSinkConnector', 'io.aiven.connect.jdbc.JdbcSinkConnector', 'JdbcSink'])(
    'finds the JDBC sink as %s',
    (name) => {
      expect(RESOLVER.connector(name).className).toBe('io.confluent.connect.jdbc.JdbcSinkConnector');
    },
  );

  it.each([
    ['converter', 'JsonConverter'],
    ['converter', 'Json'],
    ['header-converter', 'org.apache.kafka.connect.storage.SimpleHeaderConverter'],
    ['transformation', 'org.apache.kafka.connect.transforms.Cast$Value'],
    ['transformation', 'RegexRouter'],
    ['predicate', 'RecordIsTombstone'],
  ] as const)('finds the %s %s', (kind, name) => {
    expect(RESOLVER.find(kind, name)?.kind).toBe(kind);
  });

  it.each([
    ['transformation', 'Value'],
    ['transformation', 'Cast$Value'],
    ['transformation', 'org.apache.kafka.connect.json.JsonConverter'],
    ['predicate', 'Filter'],
  ] as const)('knows no %s %s', (kind, name) => {
    expect(RESOLVER.find(kind, name)).toBeNull();
  });

  it("has Connect's message and the nearest names for an unknown connector", () => {
    expect(() => RESOLVER.connector('com.example.JdbcSorceConnector')).toThrow(
      /^Failed to find any class that implements Connector and which name matches com\.example\.JdbcSorceConnector, available connectors are: PluginDesc\{/,
    );
    expect(RESOLVER.nearest('connector', 'com.example.JdbcSorceConnector')[0]).toMatch(/JdbcSourceConnector$/);
  });

  it('refuses an alias that two connectors share', () => {
    const resolver = createPluginResolver({ manifests: [manifest('source', 'a.XConnector'), manifest('sink', 'b.XConnector')] });
    expect(() => resolver.connector('X')).toThrow(
      /^More than one connector matches alias X\. Please use full package and class name instead\. Classes found: /,
    );
    expect(resolver.connector('b.XConnector').kind).toBe('sink');
  });

  it('knows classes that cannot be created', () => {
    expect(RESOLVER.abstractClass('org.apache.kafka.connect.transforms.Cast')).toBe(
      'This class is abstract and cannot be created. Did you mean org.apache.kafka.connect.transforms.Cast$Key, org.apache.kafka.connect.transforms.Cast$Value?',
    );
    expect(RESOLVER.abstractClass('org.apache.kafka.connect.storage.Converter')).toBe('This class is abstract and cannot be created.');
    expect(RESOLVER.abstractClass('a.B')).toBeNull();
  });
});

describe('registry', () => {
  it.each(REGISTRY.manifests.map((each) => [`${each.kind} ${each.className}`, each] as const))(
    'loads %s from the module it names',
    async (_, each) => {
      const loaded = await each.load();
      const module = (await import(join(import.meta.dirname, '../../../lib', each.module))) as Record<string, unknown>;
      expect(module[each.exportName]).toBe(loaded);
      expect(new loaded()).toBeInstanceOf(loaded);
    },
  );

  it('names each class once per kind', () => {
    const names = REGISTRY.manifests.map((each) => `${each.kind} ${each.className}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('module plug-ins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'module-plugins-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'own.mjs'),
    `export class MySink { taskClass() { return class { put() {} }; } version() { return '2'; } static holdsRecords = true; }
     export class MySource { taskClass() { return class { poll() {} }; } }
     export class Upper { apply(record) { return record; } }
     export class Nothing {}
     export const text = 'x';`,
  );
  writeFileSync(join(folder, 'broken.mjs'), 'export const x = ;');
  mkdirSync(join(folder, 'node_modules', 'some-package'), { recursive: true });
  writeFileSync(join(folder, 'node_modules', 'some-package', 'package.json'), '{"name":"some-package","main":"main.cjs"}');
  writeFileSync(join(folder, 'node_modules', 'some-package', 'main.cjs'), 'exports.Keep = class { test() { return true; } };');

  it('tells module specifiers from class names', () => {
    expect(['./a.ts#B', 'some-package#B', '@scope/p/x.js#B'].every(isModuleSpecifier)).toBe(true);
    expect(['org.apache.X$Value', 'JdbcSink', 'a#', '#b', 'a#b c'].some(isModuleSpecifier)).toBe(false);
  });

  it('loads files relative to the folder of the file that names them, and packages from there', async () => {
    expect(await loadModulePlugin('./own.mjs#MySink', folder)).toMatchObject({
      kind: 'sink',
      className: './own.mjs#MySink',
      version: '2',
      holdsRecords: true,
      triggers: ['schedule', 'event'],
    });
    expect((await loadModulePlugin('./own.mjs#MySource', folder)).kind).toBe('source');
    expect((await loadModulePlugin('./own.mjs#Upper', folder)).kind).toBe('transformation');
    const predicate = await loadModulePlugin('some-package#Keep', folder);
    expect(createPluginResolver({ manifests: [] }, [predicate]).find('predicate', 'some-package#Keep')).toBe(predicate);
  });

  it.each([
    ['./none.mjs#X', /^cannot load \.\/none\.mjs#X from .*: /],
    ['./broken.mjs#X', /^cannot load \.\/broken\.mjs#X from /],
    ['./own.mjs#Other', /^cannot use \.\/own\.mjs#Other: the module exports no class Other; it exports MySink, MySource, Nothing, Upper$/],
    ['./own.mjs#text', /^cannot use \.\/own\.mjs#text: the module exports no class text/],
    ['./own.mjs#Nothing', /^cannot use \.\/own\.mjs#Nothing: it is no plug-in; a connector has taskClass/],
    [
      'no-such-package#X',
      /^cannot find package no-such-package, named by no-such-package#X, from .*: install it there, or write \.\/no-such-package for a file$/,
    ],
  ])('says what is wrong with %s', async (specifier, message) => {
    await expect(loadModulePlugin(specifier, folder)).rejects.toThrow(message);
  });
});
