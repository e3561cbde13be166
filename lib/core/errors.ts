/** Options of every {@link ConnectException}. */
export interface ConnectExceptionOptions {
  /** The error that led to this one; printed as `Caused by:` in a trace. */
  readonly cause?: unknown;
  /** Stable, machine-readable identity of the mistake, e.g. `unknown-class`. Defaults to the class's own. */
  readonly code?: string;
}

/**
 * Base of every error that this project throws on purpose. `name` is the simple name of Connect's class, `javaClass` its full name:
 * both are observable (task traces, dead letter headers, REST answers) and are Connect's exactly.
 */
export class ConnectException extends Error {
  readonly code: string;
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retriable: boolean;
  /** Full Java class name, as it stands in traces and dead letter headers. */
  readonly javaClass: string;

  constructor(
    message: string,
    options: ConnectExceptionOptions = {},
    javaClass = 'org.apache.kafka.connect.errors.ConnectException',
    code = 'connect',
    retriable = false,
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.javaClass = javaClass;
    this.name = javaClass.slice(javaClass.lastIndexOf('.') + 1);
    this.code = options.code ?? code;
    this.retriable = retriable;
  }
}

/** Bad data: a record, a value or a schema that cannot be what it is said to be. Never retriable. */
export class DataException extends ConnectException {
  constructor(
    message: string,
    options?: ConnectExceptionOptions,
    javaClass = 'org.apache.kafka.connect.errors.DataException',
    code = 'data',
  ) {
    super(message, options, javaClass, code);
  }
}

/** A schema was built wrongly (SchemaBuilder). */
export class SchemaBuilderException extends DataException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.SchemaBuilderException', 'schema-builder');
  }
}

/** A value cannot be projected from one schema to another (SchemaProjector). */
export class SchemaProjectorException extends DataException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.SchemaProjectorException', 'schema-projector');
  }
}

/** Thrown by plug-ins when the same call may succeed later: an outage, a lock, a throttle. The runtime calls again with the same records. */
export class RetriableException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.RetriableException', 'retriable', true);
  }
}

/** A context method was called at a time when it means nothing, e.g. pausing a partition that is not assigned. */
export class IllegalWorkerStateException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.IllegalWorkerStateException', 'illegal-worker-state');
  }
}

/** Thrown by a sink task whose target has seen a later owner of its partitions: the task is lost. The run ends quietly; it is no failure. */
export class FencedException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.ConnectException', 'fenced');
  }
}

/** What was asked for does not exist. */
export class NotFoundException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.NotFoundException', 'not-found');
  }
}

/** What was to be created exists already. */
export class AlreadyExistsException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions) {
    super(message, options, 'org.apache.kafka.connect.errors.AlreadyExistsException', 'already-exists');
  }
}

/** A configuration key has a value it cannot have. The message format is that of Kafka's ConfigException. */
export class ConfigException extends ConnectException {
  constructor(message: string, options?: ConnectExceptionOptions, javaClass = 'org.apache.kafka.common.config.ConfigException') {
    super(message, options, javaClass, 'config');
  }

  /** `Invalid value <v> for configuration <name>: <why>` */
  static invalid(name: string, value: unknown, why?: string): ConfigException {
    return new ConfigException(`Invalid value ${String(value)} for configuration ${name}${why === undefined ? '' : `: ${why}`}`);
  }
}

/** The Java class an error has in traces and headers; errors that are not ours are `java.lang.RuntimeException`s to a Connect user. */
export function javaClassOf(error: unknown): string {
  if (error instanceof ConnectException) return error.javaClass;
  const own = (error as { javaClass?: unknown } | null)?.javaClass;
  return typeof own === 'string' ? own : 'java.lang.RuntimeException';
}

/** True when an error (ours or a foreign one that carries the flag) says that a later call may succeed. */
export function isRetriable(error: unknown): boolean {
  return (error as { retriable?: unknown } | null)?.retriable === true;
}

/**
 * An error as Java prints it: `javaClass: message`, one `\tat …` line per frame, then `Caused by: …` for each cause.
 * Status, dead letter headers and logs use this form because the tools that read them expect it.
 */
export function traceOf(error: unknown): string {
  const lines: string[] = [];
  const seen = new Set<unknown>();
  for (let at: unknown = error, first = true; at !== undefined && at !== null && !seen.has(at); first = false) {
    seen.add(at);
    const message = at instanceof Error ? at.message : String(at);
    // Java leaves the colon out only where there is no message at all, which a foreign error's empty one stands for
    const text = message === '' && !(at instanceof ConnectException) ? '' : `: ${message}`;
    lines.push(`${first ? '' : 'Caused by: '}${javaClassOf(at)}${text}`);
    if (at instanceof Error && at.stack) {
      for (const frame of at.stack.split('\n')) if (/^\s+at /.test(frame)) lines.push(`\t${frame.trim()}`);
    }
    at = at instanceof Error ? at.cause : undefined;
  }
  return `${lines.join('\n')}\n`;
}
