import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Every module that an entry can reach, lazily loaded ones included. */
async function reachable(entry: string): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: [join(ROOT, entry)],
    absWorkingDir: ROOT,
    bundle: true,
    format: 'esm',
    platform: 'node',
    splitting: true,
    outdir: join(ROOT, 'unused'),
    write: false,
    metafile: true,
    external: ['*.node'],
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
}

it('a worker cannot reach anything embedded', async () => {
  const embedded = /^lib\/local\/|node_modules\/(?:dynalite|level|classic-level)\//;
  const worker = await reachable('lib/cli/commands/worker.ts');
  expect(worker).toContain('lib/host/worker.ts');
  expect(worker.filter((path) => embedded.test(path))).toEqual([]);
  // The search finds what there is to find.
  expect((await reachable('lib/host/embedded.ts')).filter((path) => embedded.test(path)).length).toBeGreaterThan(50);
});
