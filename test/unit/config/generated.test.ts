import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pipelineSchemaText } from '../../../scripts/generate-pipeline-schema.ts';
import { registrySource } from '../../../scripts/generate-registry.ts';

const LIB = join(import.meta.dirname, '..', '..', '..', 'lib');

it('has a fresh pipeline.schema.json (node scripts/generate-pipeline-schema.ts)', () => {
  expect(readFileSync(join(LIB, 'config', 'pipeline.schema.json'), 'utf8')).toBe(pipelineSchemaText());
});

it('has a fresh registry.generated.ts (node scripts/generate-registry.ts)', async () => {
  expect(readFileSync(join(LIB, 'plugins', 'registry.generated.ts'), 'utf8')).toBe(await registrySource());
});
