import { describe, expect, it } from 'vitest';
import { parseJsonText } from '../../../lib/config/json-text.ts';

describe('parseJsonText', () => {
  it('keeps the text of numbers', () => {
    expect(parseJsonText('\uFEFF{"a": 1.0, "b": 12345678901234567890, "c": [1e3, true, null, "x"]}')).toEqual({
      a: '1.0',
      b: '12345678901234567890',
      c: ['1e3', true, null, 'x'],
    });
  });

  it.each([
    ['', 1, 1, 'a value', 'the end of the file'],
    ['{"a": 1,}', 1, 9, 'a key in double quotes', '"}"'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, '"," or "}"', '"\\""'],
    ['{"a" 1}', 1, 6, '":"', '"1"'],
    ["{'a': 1}", 1, 2, 'a key in double quotes', '"\'"'],
    ['{"a": [1, 2}', 1, 12, '"," or "]"', '"}"'],
    ['{"a": tru}', 1, 7, 'a value', '"t"'],
    ['{"a": "x', 1, 9, `'"' at the end of a text`, 'the end of the file'],
    ['{"a": "x\ny"}', 1, 9, `'"' at the end of a text`, '"\\n"'],
    ['{"a": "\\x"}', 1, 9, 'one of " \\ / b f n r t or u and four hexadecimal digits', '"x"'],
    ['{} {}', 1, 4, 'the end of the file', '"{"'],
    ['{\n\t// no comments\n}', 2, 2, 'a key in double quotes', '"/"'],
  ])('says where %j stops being JSON', (text, line, column, expected, found) => {
    expect(() => parseJsonText(text)).toThrow(`malformed JSON in line ${line}, column ${column}: expected ${expected}, found ${found}`);
  });
});
