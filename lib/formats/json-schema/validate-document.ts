import { BigDecimal } from '../../core/data/big-decimal.ts';
import { isMembers, type JsonNode, JsonNumber, nodeText } from '../json/json-node.ts';
import { JsonPointers } from './pointers.ts';

type Members = ReadonlyMap<string, JsonNode>;

/** What is wrong with a document, and where: a JSON pointer, `#` for the whole. */
export interface Violation {
  readonly at: string;
  readonly message: string;
}

/**
 * Checks a document against a schema (draft 4 to 2020-12, the keywords of their validation vocabularies; `format` is not checked).
 * Empty = it is valid. Throws IllegalArgumentException for a `$ref` that leads nowhere.
 */
export function violations(schema: JsonNode, references: ReadonlyMap<string, JsonNode>, document: JsonNode): Violation[] {
  return new Validator(new JsonPointers(schema, references)).check(schema, document, '#');
}

class Validator {
  readonly #pointers: JsonPointers;

  constructor(pointers: JsonPointers) {
    this.#pointers = pointers;
  }

  check(schema: JsonNode, node: JsonNode, at: string): Violation[] {
    if (schema === true) return [];
    if (!isMembers(schema)) return schema === false ? [{ at, message: 'nothing is allowed here' }] : [];
    const ref = schema.get('$ref');
    const found: Violation[] = [];
    if (typeof ref === 'string') found.push(...this.check(this.#pointers.resolve(ref, schema), node, at));
    found.push(...this.#checkValue(schema, node, at), ...this.#checkCombined(schema, node, at));
    if (typeof node === 'string') found.push(...checkText(schema, node, at));
    if (node instanceof JsonNumber) found.push(...checkNumber(schema, node, at));
    if (isMembers(node)) found.push(...this.#checkObject(schema, node, at));
    else if (Array.isArray(node)) found.push(...this.#checkArray(schema, node as readonly JsonNode[], at));
    return found;
  }

  #holds(schema: JsonNode, node: JsonNode): boolean {
    return this.check(schema, node, '#').length === 0;
  }

  #checkValue(schema: Members, node: JsonNode, at: string): Violation[] {
    const type = schema.get('type');
    const types = type === undefined ? null : Array.isArray(type) ? (type as JsonNode[]) : [type];
    if (types !== null && !types.some((each) => isOfType(String(each), node))) {
      return [{ at, message: `expected type: ${types.join(' or ')}, found: ${kindOf(node)}` }];
    }
    const allowed = schema.get('enum');
    if (Array.isArray(allowed) && !(allowed as JsonNode[]).some((each) => sameNode(each, node))) {
      return [{ at, message: `${nodeText(node)} is not a valid enum value` }];
    }
    const constant = schema.get('const');
    return constant !== undefined && !sameNode(constant, node) ? [{ at, message: `${nodeText(node)} is not ${nodeText(constant)}` }] : [];
  }

  #checkCombined(schema: Members, node: JsonNode, at: string): Violation[] {
    const found: Violation[] = [];
    const parts = (keyword: string) => {
      const value = schema.get(keyword);
      return Array.isArray(value) ? (value as JsonNode[]) : null;
    };
    for (const part of parts('allOf') ?? []) found.push(...this.check(part, node, at));
    const any = parts('anyOf');
    if (any !== null && !any.some((part) => this.#holds(part, node))) found.push({ at, message: 'no subschema matched out of the anyOf' });
    const one = parts('oneOf');
    if (one !== null) {
      const matching = one.filter((part) => this.#holds(part, node)).length;
      if (matching !== 1) found.push({ at, message: `${matching} subschemas matched instead of one` });
    }
    const not = schema.get('not');
    if (not !== undefined && this.#holds(not, node)) found.push({ at, message: 'the subschema of not must not match' });
    const condition = schema.get('if');
    if (condition !== undefined) {
      const branch = schema.get(this.#holds(condition, node) ? 'then' : 'else');
      if (branch !== undefined) found.push(...this.check(branch, node, at));
    }
    return found;
  }

  #checkObject(schema: Members, node: Members, at: string): Violation[] {
    const found: Violation[] = [];
    for (const name of texts(schema.get('required'))) {
      if (!node.has(name)) found.push({ at, message: `required key [${name}] not found` });
    }
    limit(found, at, node.size, schema, 'minProperties', 'maxProperties', 'properties');
    const properties = schema.get('properties');
    const patterns = schema.get('patternProperties');
    const additional = schema.get('additionalProperties');
    const names = schema.get('propertyNames');
    for (const [name, member] of node) {
      const place = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const declared = isMembers(properties) ? properties.get(name) : undefined;
      const matching = isMembers(patterns) ? [...patterns].filter(([pattern]) => regExp(pattern).test(name)) : [];
      if (declared !== undefined) found.push(...this.check(declared, member, place));
      for (const [, subschema] of matching) found.push(...this.check(subschema, member, place));
      if (declared === undefined && matching.length === 0 && additional !== undefined) {
        if (additional === false) found.push({ at, message: `extraneous key [${name}] is not permitted` });
        else found.push(...this.check(additional, member, place));
      }
      if (names !== undefined) found.push(...this.check(names, name, place));
    }
    return [...found, ...this.#checkDependencies(schema, node, at)];
  }

  #checkDependencies(schema: Members, node: Members, at: string): Violation[] {
    const found: Violation[] = [];
    for (const keyword of ['dependencies', 'dependentRequired', 'dependentSchemas']) {
      const dependencies = schema.get(keyword);
      if (!isMembers(dependencies)) continue;
      for (const [name, needed] of dependencies) {
        if (!node.has(name)) continue;
        if (!Array.isArray(needed)) found.push(...this.check(needed, node, at));
        else for (const other of texts(needed)) if (!node.has(other)) found.push({ at, message: `property [${other}] is required` });
      }
    }
    return found;
  }

  #checkArray(schema: Members, node: readonly JsonNode[], at: string): Violation[] {
    const found: Violation[] = [];
    limit(found, at, node.length, schema, 'minItems', 'maxItems', 'items');
    const items = schema.get('items');
    const prefix = schema.get('prefixItems') ?? (Array.isArray(items) ? items : undefined);
    const byPlace = Array.isArray(prefix) ? (prefix as JsonNode[]) : [];
    const rest = Array.isArray(items) ? schema.get('additionalItems') : items;
    for (const [index, element] of node.entries()) {
      const subschema = byPlace[index] ?? rest;
      if (subschema !== undefined) found.push(...this.check(subschema, element, `${at}/${index}`));
    }
    if (
      schema.get('uniqueItems') === true &&
      node.some((element, index) => node.slice(0, index).some((other) => sameNode(other, element)))
    ) {
      found.push({ at, message: 'array items are not unique' });
    }
    const contained = schema.get('contains');
    if (contained !== undefined && !node.some((element) => this.#holds(contained, element))) {
      found.push({ at, message: 'expected at least one array item to match the schema of contains' });
    }
    return found;
  }
}

function checkText(schema: Members, text: string, at: string): Violation[] {
  const found: Violation[] = [];
  limit(found, at, [...text].length, schema, 'minLength', 'maxLength', 'characters');
  const pattern = schema.get('pattern');
  if (typeof pattern === 'string' && !regExp(pattern).test(text))
    found.push({ at, message: `string [${text}] does not match pattern ${pattern}` });
  return found;
}

function checkNumber(schema: Members, { text }: JsonNumber, at: string): Violation[] {
  const value = BigDecimal.parse(text);
  const found: Violation[] = [];
  const bound = (keyword: string, holds: (order: number) => boolean, words: string) => {
    const node = schema.get(keyword);
    if (node instanceof JsonNumber && !holds(value.compareTo(BigDecimal.parse(node.text)))) {
      found.push({ at, message: `${text} is not ${words} ${node.text}` });
    }
  };
  // Draft 4 has the exclusive bounds as booleans beside the bounds.
  bound('minimum', (order) => (schema.get('exclusiveMinimum') === true ? order > 0 : order >= 0), 'greater or equal to');
  bound('maximum', (order) => (schema.get('exclusiveMaximum') === true ? order < 0 : order <= 0), 'less or equal to');
  bound('exclusiveMinimum', (order) => order > 0, 'greater than');
  bound('exclusiveMaximum', (order) => order < 0, 'less than');
  const divisor = schema.get('multipleOf');
  if (divisor instanceof JsonNumber && !isMultiple(value, BigDecimal.parse(divisor.text))) {
    found.push({ at, message: `${text} is not a multiple of ${divisor.text}` });
  }
  return found;
}

function isMultiple(value: BigDecimal, divisor: BigDecimal): boolean {
  const scale = Math.max(value.scale, divisor.scale, 0);
  const unit = divisor.setScale(scale).unscaled;
  return unit !== 0n && value.setScale(scale).unscaled % unit === 0n;
}

function limit(found: Violation[], at: string, size: number, schema: Members, least: string, most: string, what: string): void {
  const min = schema.get(least);
  const max = schema.get(most);
  if (min instanceof JsonNumber && size < Number(min.text))
    found.push({ at, message: `expected at least ${min.text} ${what}, found: ${size}` });
  if (max instanceof JsonNumber && size > Number(max.text))
    found.push({ at, message: `expected at most ${max.text} ${what}, found: ${size}` });
}

function texts(node: JsonNode | undefined): string[] {
  return Array.isArray(node) ? (node as JsonNode[]).filter((each) => typeof each === 'string') : [];
}

function regExp(pattern: string): RegExp {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return new RegExp(pattern);
  }
}

function isOfType(type: string, node: JsonNode): boolean {
  if (type === 'integer') return node instanceof JsonNumber && (node.integral || BigDecimal.parse(node.text).isWhole());
  return type === kindOf(node);
}

function kindOf(node: JsonNode): string {
  if (node === null) return 'null';
  if (node instanceof JsonNumber) return 'number';
  if (typeof node !== 'object') return typeof node;
  return isMembers(node) ? 'object' : 'array';
}

function sameNode(a: JsonNode, b: JsonNode): boolean {
  if (a instanceof JsonNumber && b instanceof JsonNumber) return BigDecimal.parse(a.text).compareTo(BigDecimal.parse(b.text)) === 0;
  if (isMembers(a) && isMembers(b))
    return a.size === b.size && [...a].every(([name, value]) => b.has(name) && sameNode(value, b.get(name)!));
  if (Array.isArray(a) && Array.isArray(b)) {
    const right = b as readonly JsonNode[];
    return a.length === right.length && (a as readonly JsonNode[]).every((element, index) => sameNode(element, right[index]!));
  }
  return a === b;
}
