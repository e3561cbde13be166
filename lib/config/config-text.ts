import type { ConfigProblem } from './problems.ts';

/**
 * The texts of a configuration given as JSON: texts, numbers (as written) and booleans; anything else is a problem and left out.
 * `where` names the object in problems.
 */
export function configTexts(value: unknown, where: string, problems: ConfigProblem[]): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    problems.push({
      severity: 'error',
      where,
      key: null,
      value: null,
      message: `expected an object of keys and values, found ${kindOf(value)}`,
      remedy: 'write { "key": "value", … }',
    });
    return {};
  }
  const texts: [string, string][] = [];
  for (const [key, each] of Object.entries(value)) {
    if (typeof each === 'string') texts.push([key, each]);
    else if (typeof each === 'boolean') texts.push([key, String(each)]);
    else {
      const remedy = Array.isArray(each)
        ? `write the list as one text: ${JSON.stringify(each.map(String).join(','))}`
        : 'leave the key out, or give it a text';
      const message = `expected a text, a number or a boolean, found ${kindOf(each)}`;
      problems.push({ severity: 'error', where, key, value: null, message, remedy });
    }
  }
  return Object.fromEntries(texts);
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
