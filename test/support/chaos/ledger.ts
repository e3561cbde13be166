/** One appearance of an item at the end of a path, in the order of appearance. */
export interface Delivery {
  /** Order is promised within a group: a partition. */
  readonly group: string;
  /** Numbers grow in the order in which items were produced. */
  readonly item: number;
  /** Who delivered it: a producer, a connection to the database. */
  readonly writer: string;
  readonly atMs: number;
}

/** A fault as it came to pass. */
export interface FaultEvent {
  readonly kind: string;
  readonly atMs: number;
  /** Infinity while it lasts. */
  untilMs: number;
}

/** What a path promises: `strict` allows neither duplicates nor another order. */
export type DeliveryPromise = 'at-least-once' | 'strict';

export interface PathInput {
  readonly path: string;
  readonly promise: DeliveryPromise;
  /** As the table says it, e.g. `exactly once (read_committed)`. */
  readonly promiseText: string;
  /** Per group, what must arrive. What arrives besides (a row's state before its last update) is counted as delivered. */
  readonly expected: ReadonlyMap<string, ReadonlySet<number>>;
  readonly deliveries: readonly Delivery[];
  /** Faults that can be the cause of a duplicate on this path. */
  readonly faults: readonly FaultEvent[];
}

/** One line of the ledger. */
export interface PathLedger {
  readonly path: string;
  readonly promise: string;
  readonly produced: number;
  /** Distinct items. */
  readonly delivered: number;
  /** By cause. */
  readonly duplicates: Readonly<Record<string, number>>;
  readonly lost: number;
  /** By cause. */
  readonly outOfOrder: Readonly<Record<string, number>>;
  /** What breaks the promise, each with an example. Empty = the promise was kept. */
  readonly broken: readonly string[];
}

/** A fault explains what happens so long after its end: leases, takeovers and back-off lie between. */
const EXPLAINS_FOR_MS = 45_000;
export const BY_ZOMBIE = 'zombie';
const UNEXPLAINED = 'unexplained';

/** Draws up one path's account. */
export function ledgerOf(input: PathInput): PathLedger {
  const strict = input.promise === 'strict';
  const duplicates = new Map<string, number>();
  const outOfOrder = new Map<string, number>();
  const broken = new Map<string, { count: number; example: string }>();
  const blame = (what: string, { group, item, writer, atMs }: Delivery) => {
    const known = broken.get(what);
    if (known === undefined)
      broken.set(what, { count: 1, example: `item ${item} of ${group} by ${writer} at ${new Date(atMs).toISOString()}` });
    else known.count++;
  };
  let delivered = 0;
  let lost = 0;
  let lostExample = '';
  const byGroup = Map.groupBy(input.deliveries, ({ group }) => group);
  for (const group of new Set([...input.expected.keys(), ...byGroup.keys()])) {
    const seen = new Set<number>();
    /** When each writer first delivered to this group, by position. */
    const firstOf = new Map<string, number>();
    let newest = -1;
    let highest = Number.NEGATIVE_INFINITY;
    for (const [position, delivery] of (byGroup.get(group) ?? []).entries()) {
      const first = firstOf.get(delivery.writer) ?? position;
      firstOf.set(delivery.writer, first);
      newest = Math.max(newest, first);
      // An older owner that delivers after a newer one has begun.
      const byZombie = first < newest;
      if (seen.has(delivery.item)) {
        const cause = byZombie ? BY_ZOMBIE : causeOf(input.faults, delivery.atMs);
        duplicates.set(cause, (duplicates.get(cause) ?? 0) + 1);
        if (strict || cause === UNEXPLAINED) blame(`duplicate (${cause})`, delivery);
        continue;
      }
      seen.add(delivery.item);
      if (delivery.item < highest) {
        const cause = byZombie ? `reordered by ${BY_ZOMBIE}` : UNEXPLAINED;
        outOfOrder.set(cause, (outOfOrder.get(cause) ?? 0) + 1);
        if (strict || !byZombie) blame(`out of order (${cause})`, delivery);
      }
      highest = Math.max(highest, delivery.item);
    }
    delivered += seen.size;
    for (const item of input.expected.get(group) ?? []) {
      if (seen.has(item)) continue;
      if (lost++ === 0) lostExample = `item ${item} of ${group}`;
    }
  }
  return {
    path: input.path,
    promise: input.promiseText,
    produced: [...input.expected.values()].reduce((sum, items) => sum + items.size, 0),
    delivered,
    duplicates: Object.fromEntries(duplicates),
    lost,
    outOfOrder: Object.fromEntries(outOfOrder),
    broken: [
      ...(lost === 0 ? [] : [`${lost} lost, first ${lostExample}`]),
      ...[...broken].map(([what, { count, example }]) => `${count} ${what}, first ${example}`),
    ],
  };
}

/** The fault that began last before it, of those that can still be felt. */
function causeOf(faults: readonly FaultEvent[], atMs: number): string {
  let cause: FaultEvent | null = null;
  for (const fault of faults) {
    if (fault.atMs > atMs || fault.untilMs + EXPLAINS_FOR_MS < atMs) continue;
    if (cause === null || fault.atMs > cause.atMs) cause = fault;
  }
  return cause === null ? UNEXPLAINED : `redelivered after ${cause.kind}`;
}

/** The accounts as a table. */
export function printLedger(ledgers: readonly PathLedger[]): string {
  const causes = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .toSorted(([, a], [, b]) => b - a)
      .map(([cause, count]) => `${count} ${cause}`)
      .join(', ') || '0';
  const rows = [
    ['path', 'promise', 'produced', 'delivered', 'lost', 'duplicates by cause', 'out of order by cause'],
    ...ledgers.map((one) => [
      one.path,
      one.promise,
      String(one.produced),
      String(one.delivered),
      String(one.lost),
      causes(one.duplicates),
      causes(one.outOfOrder),
    ]),
  ];
  const widths = (rows[0] as string[]).map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
