import type { MaybePromise } from '../core/converter.ts';
import type { ConnectRecord } from '../core/record.ts';
import type { Predicate, Transformation } from '../core/transformation.ts';
import type { Operation } from './operation.ts';
import type { ProcessingContext } from './processing-context.ts';
import type { RetryWithToleranceOperator } from './retry-with-tolerance.ts';

/** A transformation as configured, with the predicate that guards it. */
export interface ConfiguredTransformation<R extends ConnectRecord> {
  readonly transformation: Transformation<R>;
  /** Full Java class name, e.g. `org.apache.kafka.connect.transforms.Cast$Value`. */
  readonly className: string;
  /** null = applied to every record. */
  readonly predicate: Predicate<R> | null;
  /** Applied where the predicate does not hold. */
  readonly negate: boolean;
}

class TransformationStage<R extends ConnectRecord> implements Operation<R, R | null> {
  readonly stage = 'TRANSFORMATION';
  readonly executingClass: string;
  readonly #transformation: Transformation<R>;
  readonly #predicate: Predicate<R> | null;
  readonly #negate: boolean;

  constructor(configured: ConfiguredTransformation<R>) {
    this.executingClass = configured.className;
    this.#transformation = configured.transformation;
    this.#predicate = configured.predicate;
    this.#negate = configured.negate;
  }

  call(record: R): MaybePromise<R | null> {
    if (this.#predicate !== null && this.#predicate.test(record) === this.#negate) return record;
    return this.#transformation.apply(record);
  }
}

/** The `transforms` of a connector: each one an operation of its own, with retries of its own, until one drops the record. `T` is what the record came from. */
export class TransformationChain<T, R extends ConnectRecord> {
  readonly #stages: readonly TransformationStage<R>[];
  readonly #operator: RetryWithToleranceOperator<T>;
  readonly #plugins: ReadonlySet<Transformation<R> | Predicate<R>>;

  constructor(transformations: readonly ConfiguredTransformation<R>[], operator: RetryWithToleranceOperator<T>) {
    this.#stages = transformations.map((configured) => new TransformationStage(configured));
    this.#operator = operator;
    this.#plugins = new Set(
      transformations.flatMap(({ transformation, predicate }) => [transformation, ...(predicate ? [predicate] : [])]),
    );
  }

  get size(): number {
    return this.#stages.length;
  }

  /** The transformed record; null = dropped, by a transformation or (`context.failed`) because one failed and that is tolerated. */
  apply(context: ProcessingContext<T>, record: R): MaybePromise<R | null> {
    return this.#applyFrom(0, context, record);
  }

  #applyFrom(from: number, context: ProcessingContext<T>, record: R): MaybePromise<R | null> {
    let current = record;
    for (let i = from; i < this.#stages.length; i++) {
      const next: MaybePromise<R | null> = this.#operator.execute(context, this.#stages[i] as TransformationStage<R>, current);
      if (next instanceof Promise) return next.then((settled) => (settled === null ? null : this.#applyFrom(i + 1, context, settled)));
      if (next === null) return null;
      current = next;
    }
    return current;
  }

  /** Closes every transformation and predicate, each once. */
  async close(): Promise<void> {
    for (const plugin of this.#plugins) await plugin.close?.();
  }
}
