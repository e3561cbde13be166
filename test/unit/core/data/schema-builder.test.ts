import { describe, expect, it } from 'vitest';
import { SchemaBuilder } from '../../../../lib/core/data/schema-builder.ts';
import { INT32_SCHEMA, STRING_SCHEMA } from '../../../../lib/core/data/schemas.ts';
import { Struct } from '../../../../lib/core/data/struct.ts';
import { SchemaBuilderException } from '../../../../lib/core/errors.ts';

describe('SchemaBuilder', () => {
  it('builds what it is told, once', () => {
    const builder = SchemaBuilder.map(STRING_SCHEMA, INT32_SCHEMA)
      .optional()
      .name('m')
      .version(2)
      .doc('d')
      .parameters([['k', 'v']]);
    const schema = builder.build();
    expect(schema).toMatchObject({ type: 'MAP', optional: true, name: 'm', version: 2, doc: 'd', keySchema: STRING_SCHEMA });
    expect(schema.parameters).toEqual(new Map([['k', 'v']]));
    builder.parameter('later', 'x');
    expect(schema.parameters?.size).toBe(1);
    expect(() => builder.required()).toThrow(new SchemaBuilderException('Invalid SchemaBuilder call: optional has already been set.'));
  });

  it('checks a default against what is set so far', () => {
    expect(() => SchemaBuilder.int32().defaultValue(null)).toThrow('Invalid default value');
    expect(SchemaBuilder.int32().optional().defaultValue(null).build().defaultValue).toBeNull();
    expect(() => SchemaBuilder.int8().defaultValue(128)).toThrow('Invalid default value');
  });

  it('takes no struct as default of a struct, as Connect', () => {
    const builder = SchemaBuilder.struct().field('a', INT32_SCHEMA);
    const value = new Struct(builder.build()).put('a', 1);
    expect(() => builder.defaultValue(value)).toThrow('Invalid default value');
    expect(SchemaBuilder.array(value.schema).defaultValue([value]).build().defaultValue).toEqual([value]);
  });

  it('gives fields their places, and field() only on structs', () => {
    const schema = SchemaBuilder.struct().field('a', INT32_SCHEMA).field('b', STRING_SCHEMA).build();
    expect(schema.field('b')).toEqual({ name: 'b', index: 1, schema: STRING_SCHEMA });
    expect(schema.field('__proto__')).toBeNull();
    expect(() => INT32_SCHEMA.field('a')).toThrow('Cannot look up fields on non-struct type');
  });
});
