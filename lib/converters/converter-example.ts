import type { Schema } from '../core/data/schema.ts';

/** A runnable example of a converter: data and the text of the bytes it becomes; tests run it both ways, the docs print it. */
export interface ConverterExample {
  readonly summary: string;
  readonly config: Readonly<Record<string, string>>;
  readonly schema: Schema | null;
  readonly value: unknown;
  /** The bytes as UTF-8 text, or as hexadecimal digits where they are no text. */
  readonly want: { readonly text: string } | { readonly hex: string };
  /** What the bytes are read back as, where that is not the same data. */
  readonly readBack?: { readonly schema: Schema | null; readonly value: unknown };
}
