import { describe, expect, it } from 'vitest';
import { ConfigDef, type ConfigKeyInit } from '../../../../lib/core/config/config-def.ts';
import { Password } from '../../../../lib/core/config/password.ts';
import { toValidateEntry } from '../../../../lib/core/config/validate-entry.ts';
import { NonEmptyString, Range, ValidList, ValidString } from '../../../../lib/core/config/validators.ts';
import { ConfigException } from '../../../../lib/core/errors.ts';

const key = (init: Partial<ConfigKeyInit> & Pick<ConfigKeyInit, 'name' | 'type'>): ConfigKeyInit => ({
  importance: 'HIGH',
  doc: `what ${init.name} is`,
  ...init,
});

describe('ConfigDef.define', () => {
  it('refuses a key twice and a default that is not valid', () => {
    const def = new ConfigDef().define(key({ name: 'a', type: 'INT', default: '5' }));
    expect(def.keys.get('a')?.defaultValue).toBe(5);
    expect(() => def.define(key({ name: 'a', type: 'INT' }))).toThrow('Configuration a is defined twice.');
    expect(() => def.define(key({ name: 'b', type: 'INT', default: 0, validator: Range.atLeast(1) }))).toThrow(ConfigException);
  });
});

describe('ConfigDef.parse', () => {
  it('forgives duplicates of a list that must have none, and nothing else', () => {
    const def = new ConfigDef().define(key({ name: 'l', type: 'LIST', validator: ValidList.anyNonDuplicateValues(true, false) }));
    expect(def.parse({ l: 'a, b,a' }).getList('l')).toEqual(['a', 'b']);
    expect(() => def.parse({})).toThrow('Missing required configuration "l" which has no default value.');
  });

  it('refuses dependents that nobody defines', () => {
    const def = new ConfigDef().define(key({ name: 'a', type: 'STRING', default: '', dependents: ['b', 'c'] }));
    expect(() => def.parse({})).toThrow('Some configurations in are referred in the dependents, but not defined: b,c');
  });

  it('does not know a key that is only on the prototype', () => {
    expect(() => new ConfigDef().define(key({ name: 'constructor', type: 'STRING' })).parse({})).toThrow('Missing required');
  });
});

describe('ConfigDef.validate', () => {
  const def = () =>
    new ConfigDef()
      .define(key({ name: 'mode', type: 'STRING', validator: ValidString.in('x', 'y'), dependents: ['depth', 'nowhere'] }))
      .define(
        key({
          name: 'depth',
          type: 'INT',
          default: 1,
          validator: Range.between(1, 9),
          recommender: {
            validValues: (_name, parsed) => (parsed.get('mode') === 'x' ? [1, 2] : []),
            visible: (_name, parsed) => parsed.get('mode') === 'x',
          },
        }),
      )
      .define(key({ name: 'secret', type: 'PASSWORD', default: 'hush' }));

  it('answers every mistake of every key, and one that cannot be parsed twice', () => {
    const values = def().validate({ mode: 'z', depth: 'deep' });
    expect(values).toEqual([
      {
        name: 'mode',
        value: 'z',
        recommendedValues: [],
        errorMessages: ['Invalid value z for configuration mode: String must be one of: x, y'],
        visible: true,
      },
      {
        name: 'depth',
        value: null,
        recommendedValues: [],
        errorMessages: [
          'Invalid value deep for configuration depth: Not a number of type INT',
          'Invalid value null for configuration depth: Value must be non-null',
        ],
        visible: false,
      },
      { name: 'secret', value: new Password('hush'), recommendedValues: [], errorMessages: [], visible: true },
      {
        name: 'nowhere',
        value: null,
        recommendedValues: [],
        errorMessages: ['nowhere is referred in the dependents, but not defined.'],
        visible: false,
      },
    ]);
  });

  it('asks recommenders with all values parsed', () => {
    expect(def().validate({ mode: 'x' })[1]).toMatchObject({ recommendedValues: [1, 2], visible: true, errorMessages: [] });
  });

  it('tells what a recommender refuses', () => {
    const refusing = {
      validValues: () => {
        throw new ConfigException('cannot say');
      },
      visible: () => true,
    };
    expect(
      new ConfigDef().define(key({ name: 'a', type: 'STRING', default: 'b', recommender: refusing })).validate({})[0]?.errorMessages,
    ).toEqual(['cannot say']);
  });
});

describe('toValidateEntry', () => {
  it('answers texts as the REST API does, secrets hidden', () => {
    const def = new ConfigDef()
      .define(
        key({
          name: 'l',
          type: 'LIST',
          default: ['a', 'b'],
          validator: NonEmptyString,
          group: 'G',
          orderInGroup: 2,
          width: 'LONG',
          displayName: 'L',
        }),
      )
      .define(key({ name: 'p', type: 'PASSWORD' }));
    const [list, secret] = def.validate({ p: 'hush' }).map((value) => toValidateEntry(def.keys.get(value.name)!, value));
    expect(list).toEqual({
      definition: {
        name: 'l',
        type: 'LIST',
        required: false,
        default_value: 'a,b',
        importance: 'HIGH',
        documentation: 'what l is',
        group: 'G',
        order_in_group: 2,
        width: 'LONG',
        display_name: 'L',
        dependents: [],
      },
      value: { name: 'l', value: 'a,b', recommended_values: [], errors: [], visible: true },
    });
    expect(secret).toMatchObject({ definition: { required: true, default_value: null }, value: { value: '[hidden]' } });
    expect(JSON.stringify(secret)).not.toContain('hush');
  });
});
