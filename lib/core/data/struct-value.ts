import type { Schema } from './schema.ts';

/** What validation and equality need to know of a Struct. The one subclass is `Struct`; being below it keeps the modules free of cycles. */
export abstract class StructValue {
  abstract readonly schema: Schema;
  abstract validate(): void;
  abstract equals(other: unknown): boolean;
  abstract toString(): string;
}
