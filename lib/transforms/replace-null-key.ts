import type { ConfigKeyInit } from '../core/config/config-def.ts';
import type { Field } from '../core/data/schema.ts';
import type { Struct } from '../core/data/struct.ts';

/** `replace.null.with.default` (KIP-1040), the same in every transformation that copies fields. */
export const REPLACE_NULL_WITH_DEFAULT: ConfigKeyInit = {
  name: 'replace.null.with.default',
  type: 'BOOLEAN',
  default: true,
  importance: 'MEDIUM',
  doc: 'Whether a field that is null becomes the default value of its schema, where there is one. Data without schema is not concerned.',
};

/** A field's value as that key says. */
export function fieldValue(struct: Struct, field: Field, replaceNullWithDefault: boolean): unknown {
  return replaceNullWithDefault ? struct.get(field) : struct.getWithoutDefault(field);
}
