import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { StateCorruptException } from '../errors.ts';
import { type ItemKey, keyText } from './keys.ts';

/** An item as DynamoDB gives it. */
export type Item = Record<string, AttributeValue>;
/** What our attributes hold; structures are JSON strings. */
export type Scalar = string | number | boolean;

/** Written on every item. A release reads its own and the previous two. */
export const FORMAT = 1;
const OLDEST_FORMAT = 1;

export function toAttribute(value: Scalar): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { BOOL: value };
}

/** Reads the attributes of one item; every mismatch is a StateCorruptException that names item and attribute. */
export class ItemReader {
  readonly #item: Item;
  readonly key: ItemKey;

  constructor(item: Item) {
    this.#item = item;
    this.key = { pk: item.pk?.S ?? '?', sk: item.sk?.S ?? '?' };
    const format = Number(item.format?.N ?? Number.NaN);
    if (format >= OLDEST_FORMAT && format <= FORMAT) return;
    throw new StateCorruptException(
      format > FORMAT
        ? `${this.toString()} has format ${format}, this release knows ${FORMAT}: a newer release has written it; deploy that one again`
        : `${this.toString()} has no known format (${item.format?.N ?? 'none'}): it was not written by this program, or by one too old; remove it`,
    );
  }

  text(name: string): string {
    return this.textOrNull(name) ?? this.#missing(name, 'a string');
  }

  textOrNull(name: string): string | null {
    const value = this.#item[name];
    if (value === undefined) return null;
    return value.S ?? this.#missing(name, 'a string');
  }

  number(name: string): number {
    const value = this.#item[name]?.N;
    return value === undefined ? this.#missing(name, 'a number') : Number(value);
  }

  numberOr(name: string, otherwise: number): number {
    return this.#item[name] === undefined ? otherwise : this.number(name);
  }

  flag(name: string): boolean {
    const value = this.#item[name];
    if (value === undefined) return false;
    return value.BOOL ?? this.#missing(name, 'a boolean');
  }

  has(name: string): boolean {
    return this.#item[name] !== undefined;
  }

  texts(name: string): string[] {
    return this.#item[name]?.SS ?? [];
  }

  /** A structure that is kept as JSON. */
  json<T>(name: string): T {
    const text = this.text(name);
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new StateCorruptException(`${this.toString()} holds no JSON in '${name}': ${text.slice(0, 100)}`, { cause });
    }
  }

  toString(): string {
    return keyText(this.key);
  }

  #missing(name: string, wanted: string): never {
    const found = this.#item[name];
    throw new StateCorruptException(
      `${this.toString()} has ${found === undefined ? 'no' : 'another type of'} attribute '${name}', ${wanted} is needed: ` +
        'it was changed by hand or by another program; correct or remove it',
    );
  }
}
