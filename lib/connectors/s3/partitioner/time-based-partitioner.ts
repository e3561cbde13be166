import { ConfigException } from '../../../core/errors.ts';
import { IllegalArgumentException, JavaException } from '../../../core/java/exceptions.ts';
import type { SinkRecord } from '../../../core/sink-record.ts';
import { extractorClass, extractorOf } from '../class-names.ts';
import { jodaFormat } from './joda-format.ts';
import { instantOf, type JodaZone, jodaZone } from './joda-zone.ts';
import { PartitionException } from './partition-exception.ts';
import type { Partitioner, PartitionerInit } from './partitioner.ts';
import { sinkRecordText } from './sink-record-text.ts';
import { timestampExtractor } from './timestamp-extractor.ts';

/** Files of one span of time side by side. Throws ConfigException for what is missing. */
export function timeBasedPartitioner(init: PartitionerInit): Partitioner {
  const { durationMs, directoryDelim, locale, timezone } = init;
  if (durationMs < 0) throw ConfigException.invalid('partition.duration.ms', durationMs, 'Partition duration needs to be a positive.');
  let path = init.pathFormat;
  if (path.trim() === '' || path === directoryDelim) {
    throw ConfigException.invalid('path.format', path, 'Path format cannot be empty.');
  }
  if (directoryDelim.trim() !== '' && path.endsWith(directoryDelim)) path = path.slice(0, -directoryDelim.length);
  if (locale.trim() === '') throw ConfigException.invalid('locale', locale, 'Locale cannot be empty.');
  if (timezone.trim() === '') throw ConfigException.invalid('timezone', timezone, 'Timezone cannot be empty.');
  const zone = jodaZone(timezone);
  if (zone === null) throw new IllegalArgumentException(`The datetime zone id '${timezone}' is not recognised`);
  const format = formatOf(path, zone, locale);
  const name = extractorOf(init.timestampExtractor);
  if (name === null) throw new ConfigException(`Invalid timestamp extractor: ${extractorClass(init.timestampExtractor)}`);
  const extractor = timestampExtractor(name, init.timestampField);
  // Records of one span follow each other; each span is formatted once.
  let lastStart = Number.NaN;
  let lastPath = '';
  return {
    extractor,
    encode(record: SinkRecord, now: number) {
      const timestamp = extractor(record, now);
      if (timestamp === null) throw withoutTimestamp(record, init.timestampExtractor);
      const start = spanStart(timestamp, durationMs, zone);
      if (start !== lastStart) {
        lastPath = format(start);
        lastStart = start;
      }
      return lastPath;
    },
  };
}

function formatOf(path: string, zone: JodaZone, locale: string): (epochMs: number) => string {
  try {
    return jodaFormat(path, zone, locale);
  } catch (cause) {
    if (!(cause instanceof IllegalArgumentException)) throw cause;
    throw new ConfigException(`Invalid value ${path} for configuration path.format: ${cause.message}`, { cause });
  }
}

/** Start of the span an instant lies in, counted by the zone's wall clock; before 1970 spans round up, as a division of Java's longs does. */
function spanStart(timestamp: number, durationMs: number, zone: JodaZone): number {
  if (durationMs === 0) throw new JavaException('/ by zero', 'java.lang.ArithmeticException');
  const local = timestamp + zone.offsetAt(timestamp);
  return instantOf(zone, Math.trunc(local / durationMs) * durationMs);
}

function withoutTimestamp(record: SinkRecord, extractor: string): PartitionException {
  return new PartitionException(
    `Unable to determine timestamp using timestamp.extractor ${extractorClass(extractor)} for record: ${sinkRecordText(record)}`,
  );
}
