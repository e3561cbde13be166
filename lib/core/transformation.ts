import type { Clock } from './clock.ts';
import type { ConfigDef } from './config/config-def.ts';
import type { MaybePromise } from './converter.ts';
import type { ConnectRecord } from './record.ts';

/** What a transformation or predicate may use beside its configuration. */
export interface TransformationContext {
  readonly clock: Clock;
}

/**
 * A single message transformation. Must not change the record it is given nor anything reachable from it: it answers the same record,
 * a new one ({@link ConnectRecord.with}), or null to drop it. Called in order, never concurrently.
 */
export interface Transformation<R extends ConnectRecord = ConnectRecord> {
  /** Called once, before the first record. `config` is stripped of `transforms.<alias>.`. Throws ConfigException. */
  configure(config: Readonly<Record<string, string>>, context?: TransformationContext): void;
  apply(record: R): MaybePromise<R | null>;
  config(): ConfigDef;
  close?(): void | Promise<void>;
}

/** Decides whether a transformation is applied to a record (KIP-585). */
export interface Predicate<R extends ConnectRecord = ConnectRecord> {
  configure(config: Readonly<Record<string, string>>): void;
  test(record: R): boolean;
  config(): ConfigDef;
  close?(): void | Promise<void>;
}
