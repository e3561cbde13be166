import { ConnectException, type ConnectExceptionOptions } from '../../../core/errors.ts';

/** A record does not say where it belongs: bad data. */
export class PartitionException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'io.confluent.connect.storage.errors.PartitionException', 'partition');
  }
}
