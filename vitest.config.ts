import { defineConfig } from 'vitest/config';

/** One project per folder of test/; `kind` is the folder's name. */
const project = (kind: string, timeoutMs: number) => ({
  extends: true as const,
  test: { name: kind, include: [`test/${kind}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: 180_000 },
});

export default defineConfig({
  test: {
    environment: 'node',
    maxWorkers: 2,
    projects: [
      project('unit', 15_000),
      project('conformance', 120_000),
      project('property', 120_000),
      project('architecture', 120_000),
      project('integration', 180_000),
      project('infra', 180_000),
      project('e2e', 300_000),
    ],
  },
});
