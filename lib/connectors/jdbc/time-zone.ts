import { ConfigException } from '../../core/errors.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Offsets remembered per zone; each covers a quarter of an hour, the finest step at which zones change. */
const REMEMBERED_MAX = 20_000;
const STEP_MS = HOUR_MS / 4;

/** Offsets of a time zone, with Java's way out of gaps and overlaps. */
export interface TimeZone {
  readonly id: string;
  /** Milliseconds to add to UTC to get the wall clock, at an instant. */
  offsetAt(epochMs: number): number;
  /**
   * The instant at which the wall clock shows this time (given as if it were UTC). In a gap the offset before it counts, in an overlap
   * the standard time: as java.util.GregorianCalendar.
   */
  instantOf(wallMs: number): number;
}

const UTC: TimeZone = { id: 'UTC', offsetAt: () => 0, instantOf: (wallMs) => wallMs };

/** A zone by its IANA name or as `GMT+05:30`. Throws ConfigException. */
export function timeZone(id: string): TimeZone {
  if (/^(UTC|GMT|Z|Etc\/UTC)$/.test(id)) return UTC;
  const fixed = /^(?:UTC|GMT|UT)?([+-])(\d{1,2}):?(\d{2})?$/.exec(id);
  if (fixed !== null) {
    const offset = (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * HOUR_MS + Number(fixed[3] ?? 0) * 60_000);
    return { id, offsetAt: () => offset, instantOf: (wallMs) => wallMs - offset };
  }
  return new RegionZone(id);
}

class RegionZone implements TimeZone {
  readonly id: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  constructor(id: string) {
    this.id = id;
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: id,
        hourCycle: 'h23',
        era: 'short',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (cause) {
      throw new ConfigException(`Invalid value ${id} for configuration db.timezone: Invalid time zone identifier`, { cause });
    }
  }

  offsetAt(epochMs: number): number {
    const step = Math.floor(epochMs / STEP_MS);
    let offset = this.#offsets.get(step);
    if (offset === undefined) {
      offset = this.#computeOffset(step * STEP_MS);
      if (this.#offsets.size >= REMEMBERED_MAX) this.#offsets.clear();
      this.#offsets.set(step, offset);
    }
    return offset;
  }

  #computeOffset(epochMs: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(epochMs)) parts[type] = value;
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const wall = new Date(0);
    wall.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
    wall.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
    return wall.getTime() - epochMs;
  }

  instantOf(wallMs: number): number {
    // The offsets a day before and after enclose every change that can matter.
    const before = this.offsetAt(wallMs - DAY_MS);
    const after = this.offsetAt(wallMs + DAY_MS);
    if (before === after) return wallMs - before;
    // After a change backwards (overlap) the later offset is standard time; in a gap only the earlier one gives a time at all.
    const late = wallMs - after;
    if (this.offsetAt(late) === after) return late;
    return wallMs - before;
  }
}
