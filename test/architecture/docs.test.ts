import { describe, expect, it } from 'vitest';
import { stalePages } from '../../scripts/generate-docs.ts';

describe('docs/reference', () => {
  it('is what scripts/generate-docs.ts writes', async () => {
    expect(await stalePages(), 'run: node scripts/generate-docs.ts').toEqual([]);
  });
});
