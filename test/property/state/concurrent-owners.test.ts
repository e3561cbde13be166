/**
 * Three owners at once on a slow and lossy network, each taking the task from the others whenever it likes. Every owner counts on from what
 * it has read: if a commit of a lost owner ever passed after its successor's read, two owners would commit the same number.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbClient } from '../../../lib/state/dynamodb/create-client.ts';
import { createDynamoDbStores } from '../../../lib/state/dynamodb/create-dynamodb-stores.ts';
import { LeaseLostException, StateUnavailableException } from '../../../lib/state/errors.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { dynamoDbLocalUnavailable } from '../../support/dynamodb-local/start-dynamodb-local.ts';
import { ClientFaults } from '../../support/state/client-faults.ts';
import { connectionOf, type DynamoTarget, dynaliteTarget, dynamoDbLocalTarget } from '../../support/state/targets.ts';

const RUNS = process.env.LONG === '1' ? 400 : 40;
const PARTITIONS = [{ table: 'a' }, { table: 'b' }, { table: 'c' }];

/** One thing an owner does next; `pauseMs` is how long it sleeps before, as a frozen process does. */
interface Step {
  readonly act: 'take' | 'take' | 'commit' | 'release' | 'discover';
  readonly pauseMs: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    act: fc.constantFrom('take', 'commit', 'commit', 'commit', 'release', 'discover'),
    pauseMs: fc.oneof(fc.constant(0), fc.nat({ max: 12 })),
  }),
  { minLength: 4, maxLength: 14 },
);
/** What the network does, call by call. */
const network = fc.array(
  fc.oneof({ weight: 30, arbitrary: fc.nat({ max: 8 }) }, { weight: 1, arbitrary: fc.constant('answer-lost' as const) }),
  {
    minLength: 8,
    maxLength: 40,
  },
);

/** Runs one owner's schedule; gives the numbers it committed, by partition. */
async function runOwner(stores: StateStores, connector: string, owner: string, schedule: readonly Step[]): Promise<Map<string, number[]>> {
  const committed = new Map<string, number[]>(PARTITIONS.map(({ table }) => [table, []]));
  let lease: Awaited<ReturnType<typeof take>> = null;
  let counts = new Map<string, number>();

  async function take() {
    const seen = await stores.leases.look(connector, 0);
    const observed = seen === null ? undefined : { token: seen.token, renewals: seen.renewals };
    const request = {
      connector,
      task: 0,
      owner,
      generation: 1,
      leaseMs: 30_000,
      nowMs: 0,
      ...(observed === undefined ? {} : { observed }),
    };
    const outcome = await stores.leases.acquire(request);
    return 'acquired' in outcome ? outcome.acquired : null;
  }

  for (const { act, pauseMs } of schedule) {
    if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    try {
      if (act === 'take') {
        lease = await take();
        if (lease === null) continue;
        counts = new Map();
        // The third partition is met later, or by nobody.
        const offsets = await stores.offsets.load(lease, PARTITIONS.slice(0, 2), !lease.releasedCleanly);
        for (const [at, offset] of offsets.entries()) counts.set(PARTITIONS[at]?.table ?? '', Number(offset?.count ?? 0));
      } else if (lease !== null && act === 'discover' && !counts.has('c')) {
        const [offset] = await stores.offsets.load(lease, PARTITIONS.slice(2), false);
        counts.set('c', Number(offset?.count ?? 0));
      } else if (lease !== null && act === 'commit') {
        const next = [...counts].map(([table, count]) => [table, count + 1] as const);
        await stores.offsets.commit(
          lease,
          next.map(([table, count]) => ({ partition: { table }, offset: { count } })),
        );
        counts = new Map(next);
        for (const [table, count] of next) committed.get(table)?.push(count);
      } else if (lease !== null && act === 'release') {
        await stores.leases.release(lease);
        lease = null;
      }
    } catch (error) {
      // What an outage has left undone is done again, or by somebody else; what landed unnoticed is not counted.
      if (error instanceof StateUnavailableException) continue;
      if (!(error instanceof LeaseLostException)) throw error;
      lease = null;
    }
  }
  return committed;
}

const targets: [string, () => Promise<DynamoTarget>, string | null][] = [
  ['dynalite', dynaliteTarget, null],
  ['DynamoDB Local', dynamoDbLocalTarget, dynamoDbLocalUnavailable()],
];

for (const [name, openTarget, skipReason] of targets) {
  describe.skipIf(skipReason !== null)(`owners on ${name}${skipReason === null ? '' : ` (skipped: ${skipReason})`}`, () => {
    let target: DynamoTarget;
    let owners: { readonly stores: StateStores; readonly faults: ClientFaults; destroy(): void }[];
    let made = 0;

    beforeAll(async () => {
      target = await openTarget();
      const connection = await connectionOf(target);
      owners = [0, 1, 2].map(() => {
        const client = createDynamoDbClient(connection);
        const faults = new ClientFaults(client);
        return { stores: createDynamoDbStores({ client, table: target.table }), faults, destroy: () => client.destroy() };
      });
    });
    afterAll(async () => {
      for (const owner of owners ?? []) owner.destroy();
      await target?.close();
    });

    it(`never commit one number twice, in ${RUNS} schedules`, { timeout: 1_800_000 }, async () => {
      const schedules = fc.tuple(...[0, 1, 2].map(() => fc.tuple(steps, network)));
      const property = fc.asyncProperty(schedules, async (all) => {
        const connector = `concurrent ${++made}`;
        const logs = await Promise.all(
          all.map(([schedule, calls], at) => {
            const { stores, faults } = owners[at] as (typeof owners)[number];
            let call = 0;
            faults.decide = () => {
              const fault = calls[call++ % calls.length] ?? 0;
              return fault === 'answer-lost' ? fault : { delayMs: fault };
            };
            return runOwner(stores, connector, `owner ${at}`, schedule);
          }),
        );
        for (const { faults } of owners) faults.reset();
        const stored = new Map(
          (await target.open().offsets.list(connector)).map(({ partition, offset }) => [partition.table, offset?.count]),
        );
        for (const { table } of PARTITIONS) {
          const numbers = logs.flatMap((log) => log.get(table) ?? []);
          expect(new Set(numbers).size, `${table}: ${numbers}`).toBe(numbers.length);
          expect(Number(stored.get(table) ?? 0)).toBeGreaterThanOrEqual(Math.max(0, ...numbers));
        }
      });
      await fc.assert(property, { numRuns: RUNS });
    });
  });
}
