/** A point in time beyond what Date can hold (±8.64e15 ms); Connect's Timestamp reaches over the whole int64. */
export class FarDate extends Date {
  readonly epochMillis: bigint;

  constructor(epochMillis: bigint) {
    super(Number.NaN);
    this.epochMillis = epochMillis;
  }

  /** The nearest double; {@link epochMillisOf} is exact. */
  override getTime(): number {
    return Number(this.epochMillis);
  }

  override valueOf(): number {
    return this.getTime();
  }
}

const MAX_TIME = 8_640_000_000_000_000;

/** A Date of so many milliseconds since the epoch; exact over the whole int64. */
export function dateOfEpochMillis(epochMillis: bigint | number): Date {
  const date = new Date(Number(epochMillis));
  return epochMillis <= MAX_TIME && epochMillis >= -MAX_TIME ? date : new FarDate(BigInt(epochMillis));
}

/** Milliseconds since the epoch, exact. RangeError for an invalid Date. */
export function epochMillisOf(date: Date): bigint {
  return date instanceof FarDate ? date.epochMillis : BigInt(date.getTime());
}
