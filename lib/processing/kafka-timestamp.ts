import { ConnectException } from '../core/errors.ts';

/** A timestamp as records carry it: −1 is none, any other negative one is an error that no tolerance covers (as in Connect). */
export function checkedTimestamp(timestamp: number | null): number | null {
  if (timestamp === null || timestamp >= 0) return timestamp;
  if (timestamp === -1) return null;
  throw new ConnectException(`Invalid record timestamp ${timestamp}`, {}, 'org.apache.kafka.common.InvalidRecordException', 'timestamp');
}
