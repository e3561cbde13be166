import { SchemaBuilder } from '../../../core/data/schema-builder.ts';
import type { RawValue } from '../client.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { type Instant, instantText } from '../instant.ts';
import type { RowSettings } from './row-schema.ts';

/** Timestamp columns finer than milliseconds (`timestamp.granularity`). */
export function granularTimestamp(dialect: Dialect, settings: RowSettings): { builder: SchemaBuilder; read: (raw: RawValue) => unknown } {
  const instant = (raw: RawValue): Instant => dialect.values.instant(raw, settings);
  const iso = (raw: RawValue, digits: number): string =>
    instantText(instant(raw), settings.zone, settings.calendar, digits).replace(' ', 'T');
  switch (settings.granularity) {
    case 'micros_long':
      return { builder: SchemaBuilder.int64(), read: (raw) => epochMicros(instant(raw)) };
    case 'micros_string':
      return { builder: SchemaBuilder.string(), read: (raw) => String(epochMicros(instant(raw))) };
    case 'micros_iso_datetime_string':
      return { builder: SchemaBuilder.string(), read: (raw) => iso(raw, 6) };
    case 'nanos_long':
      return { builder: SchemaBuilder.int64(), read: (raw) => epochNanos(instant(raw)) };
    case 'nanos_string':
      return { builder: SchemaBuilder.string(), read: (raw) => String(epochNanos(instant(raw))) };
    default:
      return { builder: SchemaBuilder.string(), read: (raw) => iso(raw, 9) };
  }
}

/** Seconds cut toward zero, as Confluent's connector does it: moments before 1970 with a fraction come out a second late. */
function epochNanos({ epochMs, nanos }: Instant): bigint {
  return BigInt(Math.trunc(epochMs / 1000)) * 1_000_000_000n + BigInt(nanos);
}

function epochMicros({ epochMs, nanos }: Instant): bigint {
  return BigInt(Math.trunc(epochMs / 1000)) * 1_000_000n + BigInt(Math.trunc(nanos / 1000));
}
