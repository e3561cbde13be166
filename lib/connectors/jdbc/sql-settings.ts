import type { CalendarSystem } from './calendar.ts';
import type { QuoteMode } from './table-id.ts';
import type { TimeZone } from './time-zone.ts';

/** What of the configuration concerns the meaning of SQL values. */
export interface SqlSettings {
  readonly quote: QuoteMode;
  /** `db.timezone`. */
  readonly zone: TimeZone;
  /** Zone of dates in the sink (`date.timezone`). */
  readonly dateZone: TimeZone;
  readonly calendar: CalendarSystem;
  /** INT64 and STRING fields that the sink writes as timestamps (`timestamp.fields.list`). */
  readonly timestampFields: ReadonlySet<string>;
  readonly timestampPrecision: 'microseconds' | 'nanoseconds';
}
