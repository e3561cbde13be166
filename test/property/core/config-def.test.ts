import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigDef, type ConfigType } from '../../../lib/core/config/config-def.ts';
import { configToString } from '../../../lib/core/config/config-text.ts';

const words = fc.stringMatching(/^[\w./-]{1,8}$/);

/** A type with a value of it, in parsed form. */
const typed: fc.Arbitrary<{ type: ConfigType; value: unknown }> = fc.oneof(
  fc.record({ type: fc.constant<ConfigType>('BOOLEAN'), value: fc.boolean() }),
  fc.record({ type: fc.constantFrom<ConfigType>('STRING', 'CLASS'), value: words }),
  fc.record({ type: fc.constant<ConfigType>('INT'), value: fc.integer() }),
  fc.record({ type: fc.constant<ConfigType>('SHORT'), value: fc.integer({ min: -32768, max: 32767 }) }),
  fc.record({ type: fc.constant<ConfigType>('LONG'), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) }),
  fc.record({ type: fc.constant<ConfigType>('DOUBLE'), value: fc.double() }),
  fc.record({ type: fc.constant<ConfigType>('LIST'), value: fc.array(words) }),
);

describe('ConfigDef', () => {
  it('parses its own rendering to the same values', async () => {
    await fc.assert(
      fc.property(fc.array(typed, { maxLength: 6 }), (values) => {
        const def = new ConfigDef();
        values.forEach(({ type }, index) => {
          def.define({ name: `k${index}`, type, importance: 'LOW', doc: 'any' });
        });
        const given = Object.fromEntries(values.map(({ value }, index) => [`k${index}`, value]));
        const rendered = values.map(({ type, value }, index) => [`k${index}`, configToString(value, type)!]);
        const parsed = def.parse(Object.fromEntries(rendered));
        expect(Object.fromEntries(parsed.values)).toEqual(given);
        expect(values.map(({ type }, index) => configToString(parsed.get(`k${index}`), type))).toEqual(rendered.map(([, text]) => text));
      }),
      { numRuns: 500 },
    );
  });

  it('validate and parse agree on what is wrong', async () => {
    const texts = fc.oneof(fc.string(), words, fc.constantFrom('1', '-5', '1.5', 'true', 'a,b', ' 7 ', '1e3', ''));
    await fc.assert(
      fc.property(fc.constantFrom<ConfigType>('BOOLEAN', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'STRING'), texts, (type, text) => {
        const def = new ConfigDef().define({ name: 'k', type, importance: 'LOW', doc: 'any' });
        const [judged] = def.validate({ k: text });
        let message: string | null = null;
        try {
          expect(judged?.value).toEqual(def.parse({ k: text }).get('k'));
        } catch (error) {
          message = (error as Error).message;
        }
        expect(judged?.errorMessages).toEqual(message === null ? [] : [message]);
      }),
      { numRuns: 500 },
    );
  });
});
