import type { CrashPoint } from './invocation-process.ts';
import type { Runner } from './runners.ts';
import { World, type WorldOptions } from './world.ts';

/**
 * `killed`: the invocation never goes on. `frozen`: it goes on after its successors are done. `woken`: it goes on after the first of them,
 * while others follow.
 */
export type Fate = 'killed' | 'frozen' | 'woken';

/** What came of stopping an invocation at one point. */
export interface Outcome {
  readonly point: CrashPoint;
  readonly fate: Fate;
  /** Records that arrived more than once. */
  readonly repeated: number;
  /** Promises that were broken; empty = none. */
  readonly broken: readonly string[];
}

/** The crash points of a history in which nobody is stopped, which must move everything once. */
export async function crashPointsOf(runner: Runner): Promise<readonly CrashPoint[]> {
  const world = new World({ ...runner.options, stopAt: null });
  await runner.history(world);
  const { broken, repeated } = judge(runner, world);
  if (broken.length > 0 || repeated > 0) throw new Error(`without a crash: ${repeated} repeated, ${broken.join('; ')}`);
  return world.points.passed;
}

/** Plays the history once per crash point, each time in a world of its own. */
export async function stopEverywhere(
  runner: Runner,
  points: readonly CrashPoint[],
  fate: Fate,
  without?: Pick<WorldOptions, 'stores' | 'kafkaFences' | 'targetFences'>,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const [stopAt, point] of points.entries()) {
    const world = new World({ ...runner.options, stopAt, ...without });
    const broken: string[] = [];
    if (fate === 'woken') {
      world.onSuccessor = async () => {
        broken.push(...(await woken(runner, world)));
      };
    }
    await runner.history(world);
    const reached = world.points.passed.at(-1);
    if (JSON.stringify(reached) !== JSON.stringify(point)) broken.push(`stopped at ${JSON.stringify(reached)}`);
    if (fate === 'frozen') broken.push(...(await thawed(runner, world)));
    const judged = judge(runner, world, fate);
    outcomes.push({ point, fate, repeated: judged.repeated, broken: [...broken, ...judged.broken] });
  }
  return outcomes;
}

/** The frozen invocation goes on: whose lease was taken changes nothing, who had none yet may only find everything done. */
async function thawed(runner: Runner, world: World): Promise<string[]> {
  const before = { state: world.moment().state, values: world.values(), leaseWasTaken: world.leaseWasTaken };
  if (!(await world.thaw())) return ['the frozen invocation does not end'];
  if (before.leaseWasTaken && !runner.plansAgain && world.moment().state !== before.state)
    return ['it changed the state without its lease'];
  return world.values() === before.values ? [] : [`it left ${world.values()} instead of ${before.values}`];
}

/** The frozen invocation goes on while there is more to do: whoever lost its lease changes nothing; who had none yet may take its turn. */
async function woken(runner: Runner, world: World): Promise<string[]> {
  const { state } = world.moment();
  const { leaseWasTaken } = world;
  if (!(await world.thaw())) return ['the woken invocation does not end'];
  return leaseWasTaken && !runner.plansAgain && world.moment().state !== state ? ['it changed the state without its lease'] : [];
}

function judge(runner: Runner, world: World, fate: Fate = 'killed'): { repeated: number; broken: string[] } {
  const broken = [...world.errors];
  const arrived = runner.arrived(world);
  const committed = world.atStop === null ? null : runner.committed(world.atStop);
  let repeated = 0;
  const records = (offsets: readonly (string | null)[]) => offsets.filter((value) => value !== null);
  for (const [partition, offsets] of runner.expected(world)) {
    const expected = records(offsets);
    const got = arrived.get(partition) ?? [];
    const times = new Map<string, number>();
    for (const value of got) times.set(value, (times.get(value) ?? 0) + 1);
    repeated += got.length - times.size;
    const lost = expected.filter((value) => !times.has(value));
    if (lost.length > 0) broken.push(`${partition} lost ${lost.join(' ')}`);
    const order = [...times.keys()];
    // What a woken invocation had in hand may arrive before its successors come to it (design: reordered by a zombie).
    if ((fate !== 'woken' || runner.exactlyOnce) && lost.length === 0 && order.join() !== expected.join())
      broken.push(`${partition} out of order: ${order.join(' ')}`);
    const safe = records(offsets.slice(0, committed?.get(partition) ?? 0)).filter((value) => times.get(value) !== 1);
    if (safe.length > 0) broken.push(`${partition} repeated although committed: ${safe.join(' ')}`);
    if (runner.exactlyOnce && got.length > times.size) broken.push(`${partition} repeated: ${got.join(' ')}`);
    const often = expected.filter((value) => (times.get(value) ?? 0) > 2);
    if (often.length > 0) broken.push(`${partition} more than twice: ${often.join(' ')}`);
  }
  return { repeated, broken };
}
