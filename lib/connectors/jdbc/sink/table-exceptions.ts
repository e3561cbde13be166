import { ConnectException } from '../../../core/errors.ts';

/** The target table lacks something and may not be created or changed. Bad data: goes to the errant record reporter where there is one. */
export class TableAlterOrCreateException extends ConnectException {
  constructor(message: string, cause?: unknown) {
    super(message, { cause }, 'io.confluent.connect.jdbc.sink.TableAlterOrCreateException', 'table-alter-or-create');
  }
}
