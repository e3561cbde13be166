import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { crashPointsOf, stopEverywhere } from './explore.ts';
import { crashPointsPage, type Explored, exploreAll, READMES, withCrashPoints } from './page.ts';
import { RUNNERS } from './runners.ts';
import { withoutFencing } from './without-fencing.ts';

const ROOT = join(import.meta.dirname, '../../..');
const LONG = process.env.LONG === '1';
const PAGE = join(ROOT, 'docs/reference/crash-points.md');

describe('crash points', () => {
  const explored = new Map<string, Explored>();

  beforeAll(async () => {
    for (const one of await exploreAll()) explored.set(one.runner.name, one);
    console.log(JSON.stringify({ crashPoints: Object.fromEntries([...explored].map(([name, { points }]) => [name, points.length])) }));
  });

  describe.each(RUNNERS)('$title', ({ exactlyOnce = false, name, plansAgain = false }) => {
    it.each(['killed', 'frozen', 'woken'] as const)('keeps its promises wherever it is %s', (fate) => {
      const outcomes = explored.get(name)?.outcomes.filter((outcome) => outcome.fate === fate) ?? [];

      expect(outcomes.length).toBeGreaterThan(50);
      expect(outcomes.filter((outcome) => outcome.broken.length > 0)).toEqual([]);
    });

    it(exactlyOnce ? 'repeats nothing, ever' : 'repeats what was not committed yet: the crashes do happen', () => {
      expect(explored.get(name)?.outcomes.some(({ repeated }) => repeated > 0)).toBe(!exactlyOnce);
    });

    it('repeats nothing when it is stopped after its last commit', () => {
      const points =
        explored.get(name)?.outcomes.filter(({ point }) => point.call === 'leases.release' || point.call === 'invokeSelf') ?? [];

      expect(points.length).toBeGreaterThan(0);
      expect(points.filter(({ repeated }) => repeated > 0)).toEqual([]);
    });

    // The test of the test costs as much as the test; the longest history is left to the long profile.
    if (plansAgain && !LONG) return;
    it('is caught when state table and target accept what a frozen invocation writes', async () => {
      const runner = RUNNERS.find((one) => one.name === name) ?? expect.fail(name);
      const outcomes = await stopEverywhere(runner, await crashPointsOf(runner), 'frozen', { stores: withoutFencing, targetFences: false });

      expect(outcomes.filter(({ broken }) => broken.length > 0).length).toBeGreaterThan(0);
    });
  });

  it.each(RUNNERS.filter(({ exactlyOnce, options, plansAgain }) => exactlyOnce && options.task === 'source' && (LONG || !plansAgain)))(
    '$title: is caught when Kafka lets a frozen producer go on',
    async (runner) => {
      const outcomes = await stopEverywhere(runner, await crashPointsOf(runner), 'frozen', { kafkaFences: false });

      expect(outcomes.some(({ broken }) => broken.some((what) => what.includes('repeated')))).toBe(true);
    },
  );

  it('are told in docs/reference/crash-points.md', () => {
    expect(crashPointsPage([...explored.values()]), 'run: node scripts/generate-crash-points.ts').toBe(readFileSync(PAGE, 'utf8'));
  });

  it.each(Object.entries(READMES))('are told in %s', (path, runners) => {
    const readme = readFileSync(join(ROOT, path), 'utf8');

    expect(withCrashPoints(readme, [...explored.values()], runners), 'run: node scripts/generate-crash-points.ts').toBe(readme);
  });
});
