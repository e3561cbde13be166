import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { MemoryState } from '../../../lib/state/memory/memory-state.ts';
import type { OffsetStore } from '../../../lib/state/offset-store.ts';
import type { StateStores } from '../../../lib/state/state-stores.ts';
import { dynamoDbLocalUnavailable } from '../../support/dynamodb-local/start-dynamodb-local.ts';
import { dynaliteTarget, dynamoDbLocalTarget, memoryTarget, type StateTarget } from '../../support/state/targets.ts';
import { History, type Side, schedules, sideOf } from './owners.ts';

const RUNS = process.env.LONG === '1' ? 2_000 : 200;

const targets: [string, () => Promise<StateTarget>, string | null][] = [
  ['memory', memoryTarget, null],
  ['dynalite', dynaliteTarget, null],
  ['DynamoDB Local', dynamoDbLocalTarget, dynamoDbLocalUnavailable()],
];

/** Runs the property; `open` gives the stores of one more process under test. */
function check(open: () => StateStores, numRuns: number): Promise<void> {
  let made = 0;
  const property = fc.asyncProperty(schedules(), (commands) => {
    const reference = new MemoryState();
    const setup = (): { model: History; real: [Side, Side] } => ({
      model: new History(),
      real: [sideOf('reference', () => createMemoryStores(reference)), sideOf(`run ${++made}`, open)],
    });
    return fc.asyncModelRun(setup, commands);
  });
  return Promise.resolve(fc.assert(property, { numRuns }));
}

/** Stores that break one promise. */
const broken: [string, (stores: StateStores) => StateStores][] = [
  [
    'reads offsets without fencing them',
    (stores) => changed(stores, { load: (lease, partitions) => stores.offsets.load({ ...lease, fencedFromEpoch: 0 }, partitions, false) }),
  ],
  [
    'commits whoever holds the task',
    (stores) =>
      changed(stores, { commit: (lease, offsets) => stores.offsets.commit({ ...lease, token: { ...lease.token, epoch: 1e9 } }, offsets) }),
  ],
  ['loses a commit', (stores) => changed(stores, { commit: async () => undefined })],
];

function changed(stores: StateStores, offsets: Partial<OffsetStore>): StateStores {
  const bound = new Proxy(stores.offsets, {
    get: (target, name) => Reflect.get(offsets, name) ?? (Reflect.get(target, name) as CallableFunction).bind(target),
  });
  return { ...stores, offsets: bound };
}

describe('the property itself', () => {
  for (const [what, breakStores] of broken) {
    it(`fails for a store that ${what}`, async () => {
      const state = new MemoryState();
      await expect(check(() => breakStores(createMemoryStores(state)), 500)).rejects.toThrow('Property failed');
    });
  }
});

for (const [name, openTarget, skipReason] of targets) {
  describe.skipIf(skipReason !== null)(`stores on ${name}${skipReason === null ? '' : ` (skipped: ${skipReason})`}`, () => {
    let target: StateTarget;
    beforeAll(async () => {
      target = await openTarget();
    });
    afterAll(() => target?.close());

    it(`do what the reference does, and keep what is promised, in ${RUNS} schedules of three owners`, { timeout: 1_800_000 }, async () => {
      await check(() => target.open(), RUNS);
    });
  });
}
