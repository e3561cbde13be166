import { between, seededRandom } from './seeded-random.ts';

/** What can go wrong. Duplicate ticks and redeliveries are no events: they come all the time, by chance. */
export const FAULT_KINDS = [
  'worker-kill',
  'worker-freeze',
  'late-write',
  'lambda-kill',
  'lambda-freeze',
  'broker-restart',
  'database-restart',
  'state-delay',
  'state-throttle',
  'state-cut',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault of a plan. */
export interface Fault {
  /** After the faults began. */
  readonly atMs: number;
  readonly kind: FaultKind;
  /** Which worker, function or proxy, by number; taken modulo how many there are. */
  readonly target: number;
  /** How long it lasts; of a kill and a restart, how long what was ended stays down; of a late write, how long the successor must be at rest. */
  readonly forMs: number;
  /** Of a restart: `kill -9` instead of a clean end. Of state faults on all: every way to the table at once. */
  readonly hard: boolean;
}

/** How often each kind comes, relative to the others, and how long it lasts. Freezes outlast a lease of 5 s and the session of 2 s. */
const KINDS: Readonly<Record<FaultKind, { readonly weight: number; readonly forMs: readonly [number, number] }>> = {
  'worker-kill': { weight: 6, forMs: [0, 4_000] },
  'worker-freeze': { weight: 6, forMs: [7_000, 14_000] },
  'late-write': { weight: 3, forMs: [600, 900] },
  'lambda-kill': { weight: 4, forMs: [0, 0] },
  'lambda-freeze': { weight: 4, forMs: [6_000, 12_000] },
  'broker-restart': { weight: 2, forMs: [0, 4_000] },
  'database-restart': { weight: 2, forMs: [0, 3_000] },
  'state-delay': { weight: 3, forMs: [3_000, 10_000] },
  'state-throttle': { weight: 3, forMs: [3_000, 10_000] },
  'state-cut': { weight: 3, forMs: [2_000, 9_000] },
};

/** The faults that a seed stands for: the same seed, length and kinds give the same plan. */
export function planFaults(seed: number, durationMs: number, options: { kinds?: readonly FaultKind[]; everyMs?: number } = {}): Fault[] {
  const random = seededRandom(seed);
  const kinds = options.kinds ?? FAULT_KINDS;
  const everyMs = options.everyMs ?? 4_000;
  const total = kinds.reduce((sum, kind) => sum + KINDS[kind].weight, 0);
  const plan: Fault[] = [];
  for (let atMs = between(random, 500, 1_500); atMs < durationMs; atMs += between(random, everyMs / 4, (everyMs * 7) / 4)) {
    const kind = pick(kinds, random() * total);
    const [shortest, longest] = KINDS[kind].forMs;
    plan.push({ atMs, kind, target: between(random, 0, 5), forMs: between(random, shortest, longest), hard: random() < 0.5 });
  }
  return plan;
}

/** The kind at a place of the line on which every kind takes as much room as its weight. */
function pick(kinds: readonly FaultKind[], place: number): FaultKind {
  let end = 0;
  for (const kind of kinds) {
    end += KINDS[kind].weight;
    if (place < end) return kind;
  }
  return kinds.at(-1) as FaultKind;
}
