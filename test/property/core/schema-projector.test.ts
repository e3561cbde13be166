import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Schema, SchemaType } from '../../../lib/core/data/schema.ts';
import { SchemaBuilder } from '../../../lib/core/data/schema-builder.ts';
import { project } from '../../../lib/core/data/schema-projector.ts';
import { Struct } from '../../../lib/core/data/struct.ts';
import { validateValue } from '../../../lib/core/data/validate.ts';
import { valuesEqual } from '../../../lib/core/data/value-equality.ts';

const WIDENING: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64'];

/** A value of a numeric type, small enough to be exact in every later one. */
const numbers = fc.record({ from: fc.nat({ max: 5 }), value: fc.integer({ min: -128, max: 127 }) }).map(({ from, value }) => {
  const type = WIDENING[from]!;
  return { from, type, value: type === 'INT64' ? BigInt(value) : value };
});

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 });
const types = fc.constantFrom<SchemaType>('INT32', 'INT64', 'STRING', 'BOOLEAN');

/** A struct whose required fields are set, and some of whose optional ones. */
const structs = fc
  .tuple(names, fc.array(fc.tuple(types, fc.boolean(), fc.boolean()), { minLength: 5, maxLength: 5 }))
  .map(([fieldNames, shapes]) => {
    const builder = SchemaBuilder.struct().name('R');
    fieldNames.forEach((name, index) => {
      const [type, optional] = shapes[index]!;
      const field = SchemaBuilder.type(type);
      builder.field(name, (optional ? field.optional() : field).build());
    });
    const struct = new Struct(builder.build());
    for (const field of struct.schema.fields!)
      if (!field.schema.optional || shapes[field.index]![2]) struct.put(field, sample(field.schema));
    return struct;
  });

function sample(schema: Schema): unknown {
  switch (schema.type) {
    case 'INT64':
      return 5n;
    case 'STRING':
      return 'x';
    case 'BOOLEAN':
      return true;
    default:
      return 5;
  }
}

describe('SchemaProjector', () => {
  it('is the identity between equal schemas', async () => {
    await fc.assert(fc.property(structs, (struct) => valuesEqual(project(struct.schema, struct, struct.schema), struct)));
  });

  it('promotes to a valid value, in one step as in two', async () => {
    await fc.assert(
      fc.property(numbers, fc.nat({ max: 5 }), fc.nat({ max: 5 }), (number, up, further) => {
        const source = SchemaBuilder.type(number.type).build();
        const middle = SchemaBuilder.type(WIDENING[Math.min(5, number.from + up)]!).build();
        const target = SchemaBuilder.type(WIDENING[Math.min(5, number.from + up + further)]!).build();
        const direct = project(source, number.value, target);
        validateValue(null, target, direct);
        expect(project(middle, project(source, number.value, middle), target)).toEqual(direct);
        expect(Number(direct)).toBe(Number(number.value));
      }),
    );
  });

  it('never narrows', async () => {
    await fc.assert(
      fc.property(numbers, fc.nat({ max: 4 }), (number, to) => {
        fc.pre(to < number.from);
        const target = SchemaBuilder.type(WIDENING[to]!).build();
        expect(() => project(SchemaBuilder.type(number.type).build(), number.value, target)).toThrow('Schema type mismatch');
      }),
    );
  });

  it('gives new fields their default or null, and keeps the others', async () => {
    await fc.assert(
      fc.property(structs, (struct) => {
        const builder = SchemaBuilder.struct().name('R').field('optional', SchemaBuilder.string().optional().build());
        for (const { name, schema } of struct.schema.fields!) builder.field(name, schema);
        const target = builder.field('defaulted', SchemaBuilder.int32().defaultValue(7).build()).build();
        const projected = project(struct.schema, struct, target) as Struct;
        projected.validate();
        expect([projected.get('optional'), projected.get('defaulted')]).toEqual([null, 7]);
        for (const { name } of struct.schema.fields!) expect(projected.get(name)).toEqual(struct.get(name));
      }),
    );
  });
});
