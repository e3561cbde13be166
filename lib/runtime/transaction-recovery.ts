import { ConnectException } from '../core/errors.ts';

/** What the state table and Kafka say of the transactions of one task. */
export interface TransactionNumbers {
  readonly transactionalId: string;
  readonly topic: string;
  readonly connector: string;
  /** Of the last transaction whose offsets are the task's; 0 = none yet. */
  readonly promoted: number;
  /** Of the transaction whose fate is to be found out; null = none. */
  readonly pending: number | null;
  /** Of the last transaction that Kafka committed; null = Kafka does not know (never, or the group's offset expired). */
  readonly committed: number | null;
}

/** What becomes of the pending transaction; `none` = there is none. */
export type Recovery = 'none' | 'promote' | 'discard';

/**
 * The recovery table (docs/exactly-once.md): Kafka decides atomically with the records, the table follows. Throws ConnectException where neither
 * can be believed, with both ways out.
 */
export function recoveryOf(numbers: TransactionNumbers): Recovery {
  const { promoted, pending, committed } = numbers;
  if (pending !== null && pending !== promoted + 1) throw disagreement(numbers);
  if (committed === null) {
    if (pending === null) return 'none';
    // The first of all: until it is committed the group has no offset, and nothing that could have expired.
    if (pending === 1) return 'discard';
    throw new ConnectException(
      `transaction ${pending} of ${numbers.connector} was prepared, and Kafka no longer knows whether it was committed: group ${numbers.transactionalId} has no offset for ` +
        `${numbers.topic} (a group's offsets expire after offsets.retention.minutes, 7 days, without members). Look at the last records of the connector with a read_committed ` +
        `consumer. ${waysOut(numbers, pending, promoted)}`,
      { code: 'transaction-unknown' },
    );
  }
  if (committed === promoted) return pending === null ? 'none' : 'discard';
  if (pending !== null && committed === pending) return 'promote';
  throw disagreement(numbers);
}

function disagreement(numbers: TransactionNumbers): ConnectException {
  const { committed, connector, pending, promoted, topic, transactionalId } = numbers;
  return new ConnectException(
    `the state table and Kafka do not agree about the transactions of ${connector}: the table has ${promoted}${pending === null ? '' : ` and ${pending} pending`}, ` +
      `group ${transactionalId} has ${committed ?? 'nothing'} for ${topic}. The table or the cluster was restored from an older state, or another deployment uses the same ids. ` +
      waysOut(numbers, pending ?? promoted, promoted),
    { code: 'transaction-numbers-disagree' },
  );
}

/** Neither is a guess of ours: whoever has looked at the records knows. */
function waysOut({ connector, topic, transactionalId }: TransactionNumbers, ifThere: number, ifNot: number): string {
  const reset = (to: number) =>
    `kafka-consumer-groups.sh --group ${transactionalId} --topic ${topic}:0 --reset-offsets --to-offset ${to} --execute`;
  return (
    `Way out 1, keeping the table's offsets: ${ifThere === ifNot ? reset(ifNot) : `${reset(ifThere)} if its records are there, --to-offset ${ifNot} if they are not`}. ` +
    `Way out 2, setting them by hand: stop ${connector} and alter its offsets (PATCH /connectors/${connector}/offsets), which makes both agree again.`
  );
}
