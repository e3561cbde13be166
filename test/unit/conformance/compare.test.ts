import { describe, expect, it } from 'vitest';
import type { ConformanceCase } from '../../conformance/format/case.ts';
import { compareOutcome } from '../../conformance/format/compare.ts';

function differences(expected: object, got: unknown, compare?: 'class' | 'error'): string[] {
  const case_: ConformanceCase = { id: 'x', family: 'data', input: null, expect: { ...expected }, ...(compare ? { compare } : {}) };
  return compareOutcome(case_, got).map(({ path }) => path);
}

const failed = (message: string, more: object = {}) => ({ error: { class: 'DataException', message, phase: 'apply', ...more } });

describe('comparing outcomes', () => {
  it('takes a number without schema for each of five kinds, but not for int64', () => {
    for (const kind of ['int8', 'int16', 'int32', 'float32', 'float64'])
      expect(differences({ value: { [kind]: 5 } }, { value: { number: 5 } })).toEqual([]);
    expect(differences({ value: { float64: 'NaN' } }, { value: { number: 'NaN' } })).toEqual([]);
    expect(differences({ value: { int64: '5' } }, { value: { number: 5 } })).not.toEqual([]);
    expect(differences({ value: { int32: 5 } }, { value: { number: 6 } })).toEqual(['value']);
  });

  it('tells kinds and negative zero apart where there is a schema', () => {
    expect(differences({ value: { int8: 5 } }, { value: { int16: 5 } })).not.toEqual([]);
    expect(differences({ value: { float64: 0 } }, { value: { float64: '-0' } })).toEqual(['value']);
  });

  it('takes map entries in any order, fields and elements in theirs', () => {
    const entry = (key: string, value: number) => [{ string: key }, { int32: value }];
    expect(differences({ value: { map: [entry('a', 1), entry('b', 2)] } }, { value: { map: [entry('b', 2), entry('a', 1)] } })).toEqual([]);
    expect(differences({ value: { map: [entry('a', 1)] } }, { value: { map: [entry('a', 2)] } })).toEqual(['value']);
    expect(differences({ value: { struct: { a: null, b: null } } }, { value: { struct: { b: null, a: null } } })).toEqual(['value']);
    expect(differences({ value: { array: [null, { int32: 1 }] } }, { value: { array: [{ int32: 1 }, null] } })).not.toEqual([]);
  });

  it('compares class, phase and message of an error, and its cause where one is recorded', () => {
    expect(differences(failed('a'), failed('a', { cause: { class: 'X', message: 'y' } }))).toEqual([]);
    expect(differences(failed('a'), failed('b'))).toEqual(['error.message']);
    expect(differences(failed('a'), failed('a', { phase: 'configure' }))).toEqual(['error.phase']);
    expect(differences(failed('a', { cause: { class: 'X', message: 'y' } }), failed('a'))).toEqual(['error.cause']);
    expect(differences(failed('a'), { output: null })).toEqual(['']);
    expect(differences({ output: null }, failed('a'))).toEqual(['']);
  });

  it('compares only the class, or only that there is an error, where the case says so', () => {
    expect(differences(failed('a'), failed('b'), 'class')).toEqual([]);
    expect(differences(failed('a'), { error: { class: 'Other', message: 'a', phase: 'apply' } }, 'class')).toEqual(['error.class']);
    expect(differences(failed('a'), { error: { class: 'Other', message: 'b' } }, 'error')).toEqual([]);
    expect(differences(failed('a'), { valid: true }, 'error')).toEqual(['']);
  });

  it('takes the listed values of "one of" as a set', () => {
    const message = (list: string) => `Invalid value x for configuration k: String must be one of (case insensitive): ${list}`;
    expect(differences(failed(message('A, B')), failed(message('B, A')))).toEqual([]);
    expect(differences(failed(message('A, B')), failed(message('A, C')))).toEqual(['error.message']);
  });

  it('counts messages per key of a validation compared by class', () => {
    const values = (...errors: string[]) => ({
      values: [
        { name: 'k', errors },
        { name: 'ok', errors: [] },
      ],
    });
    expect(differences(values('java says'), values('we say'), 'class')).toEqual([]);
    expect(differences(values('java says'), values('we say', 'twice'), 'class')).toEqual(['errors.k']);
    expect(differences(values('java says'), values(), 'class')).toEqual(['errors.k']);
  });
});
