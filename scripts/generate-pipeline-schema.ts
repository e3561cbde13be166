import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipelineSchema } from '../lib/config/pipeline-schema.ts';

const TARGET = join(import.meta.dirname, '..', 'lib', 'config', 'pipeline.schema.json');

/** The text of `lib/config/pipeline.schema.json` for the definitions as they are now. */
export function pipelineSchemaText(): string {
  return `${JSON.stringify(pipelineSchema(), null, 2)}\n`;
}

if (process.argv[1] === import.meta.filename) writeFileSync(TARGET, pipelineSchemaText());
