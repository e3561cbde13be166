import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

// What the package carries: Node strips no types under node_modules, so dist/ holds JavaScript and declarations.
const ROOT = join(import.meta.dirname, '..');
rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
const { status } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
for (const asset of ['lib/config/pipeline.schema.json']) {
  mkdirSync(dirname(join(ROOT, 'dist', asset)), { recursive: true });
  copyFileSync(join(ROOT, asset), join(ROOT, 'dist', asset));
}
