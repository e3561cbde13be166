import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPointsPage, exploreAll, READMES, withCrashPoints } from '../test/property/crash-points/page.ts';

// Writes docs/reference/crash-points.md and the tables in the connectors' READMEs: what becomes of the records when an invocation dies or freezes at each of its crash points.

const ROOT = join(import.meta.dirname, '..');
const explored = await exploreAll();
writeFileSync(join(ROOT, 'docs', 'reference', 'crash-points.md'), crashPointsPage(explored));
for (const [path, runners] of Object.entries(READMES)) {
  const file = join(ROOT, path);
  writeFileSync(file, withCrashPoints(readFileSync(file, 'utf8'), explored, runners));
}
