import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type PreparedPipeline, preparePipeline } from '../infra/prepare-pipeline.ts';
import { REGISTRY } from '../lib/plugins/registry.generated.ts';

// node scripts/bundle-report.ts [PIPELINE.json…]: what each function of a pipeline carries, how large it is and how long it takes to load.
const STARTS = 9;
const SHOWN = 12;

/** Loads the handler as the managed runtime does and prints how long that took; what Node itself takes to start is not part of it. */
const PROBE = `
const { createRequire } = require('node:module');
const startedAt = performance.now();
const { handler } = createRequire(process.argv[1] + '/')(process.argv[1] + '/index.js');
if (typeof handler !== 'function') throw new Error('no handler');
console.log(performance.now() - startedAt);
process.exit(0);
`;

/** The quickest of some fresh processes: what other load on the machine adds is not init. */
function initMs(dir: string, connector: string, worker: object): number {
  const env = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    AWS_LAMBDA_FUNCTION_NAME: connector,
    SERVERLESS_CONNECT_TABLE: 'none',
    SERVERLESS_CONNECT_CONNECTOR: connector,
    SERVERLESS_CONNECT_WORKER: JSON.stringify(worker),
  };
  const times = Array.from({ length: STARTS }, () => Number(execFileSync(process.execPath, ['-e', PROBE, dir], { env, encoding: 'utf8' })));
  return Math.min(...times);
}

/** Bytes by npm package and by folder of ours. */
function contents(inputs: readonly { path: string; bytes: number }[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { path, bytes } of inputs) {
    const inPackage = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    const name =
      inPackage ??
      path
        .split('/')
        .slice(0, path.startsWith('lib/connectors') ? 3 : 2)
        .join('/');
    sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  return [...sums].sort(([, a], [, b]) => b - a);
}

function report({ pipeline, connectors }: PreparedPipeline): void {
  for (const { plan, bundle } of connectors) {
    const kB = (bytes: number): string => `${(bytes / 1000).toFixed(0).padStart(5)} kB`;
    console.log(`\n${pipeline.name}/${plan.name} (${plan.manifest.className})`);
    console.log(
      `${kB(bundle.bytes)}, ${kB(bundle.gzipBytes).trim()} compressed, init ${initMs(bundle.dir, plan.name, plan.worker).toFixed(0)} ms`,
    );
    const parts = contents(bundle.inputs);
    for (const [name, bytes] of parts.slice(0, SHOWN)) console.log(`  ${kB(bytes)}  ${name}`);
    if (parts.length > SHOWN)
      console.log(`  ${kB(parts.slice(SHOWN).reduce((sum, [, bytes]) => sum + bytes, 0))}  ${parts.length - SHOWN} others`);
  }
}

const files = process.argv.length > 2 ? process.argv.slice(2) : [join(import.meta.dirname, '../infra/pipelines/orders.json')];
for (const file of files) {
  const prepared = await preparePipeline(file, REGISTRY);
  report(prepared);
  for (const { dir } of [prepared.configurationBundle, ...prepared.connectors.map(({ bundle }) => bundle)])
    rmSync(dir, { recursive: true, force: true });
}
