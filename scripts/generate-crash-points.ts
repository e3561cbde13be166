import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crashPointsPage, exploreAll } from '../test/property/crash-points/page.ts';

// Writes docs/reference/crash-points.md: what becomes of the records when an invocation dies or freezes at each of its crash points.

writeFileSync(join(import.meta.dirname, '..', 'docs', 'reference', 'crash-points.md'), crashPointsPage(await exploreAll()));
