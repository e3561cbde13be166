import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let probes = 0;

/** A file that would stand at `folder` and hold `source`; `refusal` null = nothing to refuse. */
function probe(folder: string, source: string, refusal: string | null) {
  return { path: `${folder}/zz-import-probe-${probes++}.ts`, source, refusal };
}

const importing = (folder: string, target: string, refusal: string | null) => probe(folder, `export * from '${target}';\n`, refusal);
const calling = (folder: string, call: string, refusal: string | null) => probe(folder, `export const probe = ${call};\n`, refusal);
const TIME = 'time and randomness are injected';

const PROBES = [
  importing('lib/core', '../runtime/source-runner.ts', 'lib/core may import nothing of the project'),
  importing('lib/core/data', '../../config/properties.ts', 'lib/core may import nothing of the project'),
  importing('lib/processing', '../runtime/source-runner.ts', 'lib/processing may import core only'),
  importing('lib/processing', '../config/properties.ts', 'lib/processing may import core only'),
  importing('lib/transforms', '../converters/json-converter.ts', 'lib/transforms may import core only'),
  importing('lib/runtime', '../local/broker/broker.ts', 'lib/runtime may import'),
  importing('lib/state', '@aws-sdk/client-dynamodb', 'only lib/state/dynamodb speaks to DynamoDB'),
  importing('lib/runtime', 'kafkajs', 'only lib/kafka/kafkajs speaks to kafkajs'),
  importing('lib/connectors/jdbc', 'pg', 'only lib/connectors/jdbc/pg-client.ts speaks to pg'),
  importing('lib/connectors/jdbc', 'mysql2', 'only lib/connectors/jdbc/mysql-*.ts speak to mysql2'),
  importing('functions', '../lib/local/broker/broker.ts', 'functions wire'),
  importing('infra', '../lib/runtime/source-runner.ts', 'infra reads core, config and manifests'),
  importing('infra', '@aws-sdk/client-lambda', 'infra reads core, config and manifests'),
  importing('lib/processing', '../core/config/config-def.ts', null),
  importing('lib/runtime', '../config/properties.ts', null),
  calling('lib/runtime', 'Date.now()', TIME),
  calling('lib/transforms', 'Math.random()', TIME),
  calling('lib/connectors/jdbc', 'performance.now()', TIME),
  calling('lib/processing', 'setTimeout(() => undefined, 1)', TIME),
  calling('lib/local', 'Date.now()', null),
];

describe('who may import whom', () => {
  /** What the linter says of each probe, by path. */
  const refusals = new Map<string, string[]>();

  beforeAll(() => {
    for (const { path, source } of PROBES) {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true });
      writeFileSync(join(ROOT, path), source);
    }
    const { stdout } = spawnSync(
      join(ROOT, 'node_modules/.bin/biome'),
      ['lint', '--reporter=json', '--max-diagnostics=none', ...PROBES.map(({ path }) => path)],
      { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    const report = JSON.parse(stdout.slice(stdout.indexOf('{'))) as {
      diagnostics: { message: string; location: { path: string | { file: string } } }[];
    };
    for (const { message, location } of report.diagnostics) {
      const path = typeof location.path === 'string' ? location.path : location.path.file;
      refusals.set(path, [...(refusals.get(path) ?? []), typeof message === 'string' ? message : JSON.stringify(message)]);
    }
  });

  afterAll(() => {
    for (const { path } of PROBES) rmSync(join(ROOT, path), { force: true });
  });

  it.each(PROBES.filter(({ refusal }) => refusal !== null))('refuses in $path: $source', ({ path, refusal }) => {
    expect(refusals.get(path)?.join('\n') ?? '').toContain(refusal);
  });

  it.each(PROBES.filter(({ refusal }) => refusal === null))('allows in $path: $source', ({ path }) => {
    expect((refusals.get(path) ?? []).filter((message) => /may import|injected/.test(message))).toEqual([]);
  });
});
