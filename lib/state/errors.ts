import { ConnectException } from '../core/errors.ts';

/** A write in a lease's name was refused because a later token exists: the task is lost. Return quietly; it is not a failure. */
export class LeaseLostException extends ConnectException {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options, 'org.apache.kafka.connect.errors.ConnectException', 'lease-lost');
  }
}

/** Somebody else changed the item since it was read: read again and decide anew. */
export class StateConflictException extends ConnectException {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options, 'org.apache.kafka.connect.errors.ConnectException', 'state-conflict');
  }
}

/** The table answered what we cannot work with: wrong shape, an item of a newer version, an offset that cannot be parsed. Names the item. */
export class StateCorruptException extends ConnectException {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options, 'org.apache.kafka.connect.errors.ConnectException', 'state-corrupt');
  }
}

/** The table cannot be reached, throttles, or timed out: an outage. */
export class StateUnavailableException extends ConnectException {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options, 'org.apache.kafka.connect.errors.RetriableException', 'state-unavailable', true);
  }
}
