import { DAY_MS } from './gregorian.ts';

const HOUR_MS = 3_600_000;
/** The finest step at which zones change. */
const STEP_MS = HOUR_MS / 4;
const REMEMBERED_MAX = 20_000;

/** A time zone with Joda-Time's arithmetic. */
export interface JodaZone {
  readonly id: string;
  /** Milliseconds to add to UTC at an instant. */
  offsetAt(epochMs: number): number;
}

/** What `DateTimeZone.forID` knows: names of the IANA data base, exactly as written there, and `±hh:mm`; null = none of these. */
export function jodaZone(id: string): JodaZone | null {
  if (id === 'UTC') return { id, offsetAt: () => 0 };
  const fixed = /^([+-])(\d{2}):?(\d{2})?(?::?(\d{2}))?$/.exec(id);
  if (fixed !== null) {
    const [, sign, hours, minutes = '0', seconds = '0'] = fixed;
    if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
    const offset = (sign === '-' ? -1 : 1) * (Number(hours) * HOUR_MS + Number(minutes) * 60_000 + Number(seconds) * 1000);
    return { id: offset === 0 ? 'UTC' : id, offsetAt: () => offset };
  }
  if (!/^[A-Z]/.test(id)) return null;
  try {
    return new RegionZone(id);
  } catch {
    return null;
  }
}

class RegionZone implements JodaZone {
  readonly id: string;
  readonly #format: Intl.DateTimeFormat;
  readonly #offsets = new Map<number, number>();

  /** Throws for a name that nobody knows, or that is written in another case. */
  constructor(id: string) {
    this.id = id;
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
    const { timeZone } = this.#format.resolvedOptions();
    if (timeZone !== id && timeZone.toLowerCase() === id.toLowerCase()) throw new RangeError(`no time zone ${id}`);
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
}

/** The instant at which a zone's wall clock shows `localMs`; in gaps and overlaps as `DateTimeZone.convertLocalToUTC(local, false)`. */
export function instantOf(zone: JodaZone, localMs: number): number {
  const estimate = zone.offsetAt(localMs);
  const offset = zone.offsetAt(localMs - estimate);
  // West of Greenwich the estimate lies before the gap, and Joda keeps it
  const inGap = estimate !== offset && estimate < 0 && zone.offsetAt(localMs - offset) !== offset;
  return localMs - (inGap ? estimate : offset);
}

/** The next multiple of a period after an instant, counted from the start of the day there; a day's end always counts. */
export function nextInDay(now: number, periodMs: number, zone: JodaZone): number {
  const local = now + zone.offsetAt(now);
  const midnight = Math.floor(local / DAY_MS) * DAY_MS;
  const start = instantOf(zone, midnight);
  const dayMs = instantOf(zone, midnight + DAY_MS) - start;
  return start + Math.min((Math.trunc((now - start) / periodMs) + 1) * periodMs, dayMs);
}
