import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import { isMembers, type JsonNode, JsonNumber } from '../json/json-node.ts';
import { JsonPointers } from './pointers.ts';

type Members = ReadonlyMap<string, JsonNode>;

/** Everything a schema says that is no constraint. */
interface Annotations {
  /** The members as they stand in the document; empty for `true` and `false`, and for the parts of a synthetic `allOf`. */
  readonly members: Members;
}

/** What a place of a schema document allows, as far as the mapping needs to know. */
export type JsonSchema = Annotations &
  (
    | { readonly kind: 'boolean' | 'null' | 'any' | 'never' | 'not' | 'conditional' }
    | { readonly kind: 'number'; readonly integer: boolean }
    | { readonly kind: 'string' }
    | { readonly kind: 'enum' | 'const'; readonly values: readonly JsonNode[] }
    | { readonly kind: 'combined'; readonly criterion: 'allOf' | 'anyOf' | 'oneOf'; readonly subschemas: readonly JsonSchema[] }
    | { readonly kind: 'array'; readonly items: JsonSchema | null }
    | ObjectSchema
    | ReferenceSchema
  );

export interface ObjectSchema extends Annotations {
  readonly kind: 'object';
  readonly properties: ReadonlyMap<string, JsonSchema>;
  readonly required: ReadonlySet<string>;
  readonly additionalProperties: JsonSchema | null;
  readonly permitsAdditional: boolean;
}

/** `$ref`; what it refers to is loaded when it is asked for, and the same place is always the same object. */
export interface ReferenceSchema extends Annotations {
  readonly kind: 'reference';
  readonly target: () => JsonSchema;
}

const NO_MEMBERS: Members = new Map();
const ARRAY_KEYWORDS = ['items', 'additionalItems', 'minItems', 'maxItems', 'uniqueItems', 'contains', 'prefixItems'];
const OBJECT_KEYWORDS = [
  'properties',
  'required',
  'minProperties',
  'maxProperties',
  'dependencies',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
];
const NUMBER_KEYWORDS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const STRING_KEYWORDS = ['minLength', 'maxLength', 'pattern', 'format'];
const CONDITIONAL_KEYWORDS = ['if', 'then', 'else'];

/**
 * Understands a schema document as Everit's loader does, which decides what Confluent's converter sees: of a schema with several kinds of
 * constraints each kind is a part of an `allOf`. `references`: the documents that `$ref` may name, by name.
 * Throws IllegalArgumentException for what is no schema, or refers to nothing.
 */
export function loadDocument(
  root: JsonNode,
  references: ReadonlyMap<string, JsonNode> = new Map(),
  { ignoreModern = false } = {},
): JsonSchema {
  return new Loader(new JsonPointers(root, references), !ignoreModern && isModern(root)).load(root);
}

/** Drafts after 7. */
function isModern(root: JsonNode): boolean {
  const dialect = isMembers(root) ? root.get('$schema') : null;
  return typeof dialect === 'string' && /json-schema\.org\/draft\/20/.test(dialect);
}

class Loader {
  readonly #pointers: JsonPointers;
  readonly #loaded = new Map<JsonNode, JsonSchema>();
  /** In older drafts a place that is referred to is loaded for the references once more: it is not the same schema as the place itself. */
  readonly #referred: Map<JsonNode, JsonSchema>;

  constructor(pointers: JsonPointers, modern: boolean) {
    this.#pointers = pointers;
    this.#referred = modern ? this.#loaded : new Map();
  }

  load(node: JsonNode, cache = this.#loaded): JsonSchema {
    if (node === true) return { kind: 'any', members: NO_MEMBERS };
    if (node === false) return { kind: 'never', members: NO_MEMBERS };
    if (!isMembers(node)) throw new IllegalArgumentException('Invalid JSON: a schema is an object or a boolean');
    const known = cache.get(node);
    if (known !== undefined) return known;
    const schema = this.#loadObject(node);
    cache.set(node, schema);
    return schema;
  }

  #loadObject(members: Members): JsonSchema {
    const ref = members.get('$ref');
    if (typeof ref === 'string') {
      const target = this.#pointers.resolve(ref, members);
      return { kind: 'reference', members, target: () => this.load(target, this.#referred) };
    }
    const parts: JsonSchema[] = [];
    const values = members.get('enum');
    if (Array.isArray(values)) parts.push({ kind: 'enum', values: values as JsonNode[], members: NO_MEMBERS });
    for (const criterion of ['allOf', 'anyOf', 'oneOf'] as const) {
      const subschemas = members.get(criterion);
      if (Array.isArray(subschemas)) parts.push(this.#combined(criterion, subschemas as JsonNode[]));
    }
    if (members.has('not')) parts.push({ kind: 'not', members: NO_MEMBERS });
    if (members.has('const')) parts.push({ kind: 'const', values: [members.get('const')!], members: NO_MEMBERS });
    const { part, used } = this.#typed(members);
    if (part !== null) parts.push(part);
    parts.push(...this.#sniffed(members, used));
    if (parts.length === 0) return { kind: 'any', members };
    if (parts.length === 1) return { ...parts[0]!, members };
    return { kind: 'combined', criterion: 'allOf', subschemas: combinedFirst(parts), members };
  }

  #combined(criterion: 'allOf' | 'anyOf' | 'oneOf', nodes: readonly JsonNode[]): JsonSchema {
    return { kind: 'combined', criterion, subschemas: combinedFirst(nodes.map((node) => this.load(node))), members: NO_MEMBERS };
  }

  #typed(members: Members): { part: JsonSchema | null; used: readonly string[] } {
    const type = members.get('type');
    if (typeof type === 'string') return { part: this.#ofType(type, members), used: keywordsOf(type) };
    if (!Array.isArray(type)) return { part: null, used: [] };
    const types = (type as JsonNode[]).map((each) => String(each));
    const subschemas = types.map((each) => this.#ofType(each, members));
    return { part: { kind: 'combined', criterion: 'anyOf', subschemas, members: NO_MEMBERS }, used: types.flatMap(keywordsOf) };
  }

  #ofType(type: string, members: Members): JsonSchema {
    switch (type) {
      case 'string':
      case 'boolean':
      case 'null':
        return { kind: type, members: NO_MEMBERS };
      case 'integer':
      case 'number':
        return { kind: 'number', integer: type === 'integer', members: NO_MEMBERS };
      case 'array':
        return this.#array(members);
      case 'object':
        return this.#object(members);
      default:
        throw new IllegalArgumentException(`Invalid JSON: unknown type: [${type}]`);
    }
  }

  /** Constraints without a type also tell what is meant. */
  #sniffed(members: Members, used: readonly string[]): JsonSchema[] {
    const has = (keywords: readonly string[]) => keywords.some((keyword) => members.has(keyword) && !used.includes(keyword));
    const parts: JsonSchema[] = [];
    if (has(ARRAY_KEYWORDS)) parts.push(this.#array(members));
    if (has(OBJECT_KEYWORDS)) parts.push(this.#object(members));
    if (has(NUMBER_KEYWORDS)) parts.push({ kind: 'number', integer: false, members: NO_MEMBERS });
    if (has(STRING_KEYWORDS)) parts.push({ kind: 'string', members: NO_MEMBERS });
    if (has(CONDITIONAL_KEYWORDS)) parts.push({ kind: 'conditional', members: NO_MEMBERS });
    return parts;
  }

  #array(members: Members): JsonSchema {
    const items = members.get('items');
    // Schemas by position, in either spelling, leave the items without one schema.
    const one = items !== undefined && !Array.isArray(items) && !members.has('prefixItems');
    return { kind: 'array', items: one ? this.load(items) : null, members: NO_MEMBERS };
  }

  #object(members: Members): ObjectSchema {
    const properties = new Map<string, JsonSchema>();
    const declared = members.get('properties');
    if (isMembers(declared)) for (const [name, node] of declared) properties.set(name, this.load(node));
    const required = members.get('required');
    const additional = members.get('additionalProperties');
    return {
      kind: 'object',
      properties,
      required: new Set(Array.isArray(required) ? (required as JsonNode[]).filter((name) => typeof name === 'string') : []),
      additionalProperties: isMembers(additional) ? this.load(additional) : null,
      permitsAdditional: additional !== false,
      members: NO_MEMBERS,
    };
  }
}

function keywordsOf(type: string): readonly string[] {
  switch (type) {
    case 'array':
      return ARRAY_KEYWORDS;
    case 'object':
      return OBJECT_KEYWORDS;
    case 'integer':
    case 'number':
      return NUMBER_KEYWORDS;
    case 'string':
      return STRING_KEYWORDS;
    default:
      return [];
  }
}

/** Everit asks combined schemas first. */
function combinedFirst(schemas: readonly JsonSchema[]): readonly JsonSchema[] {
  const combined = schemas.filter(({ kind }) => kind === 'combined');
  return combined.length === 0 ? schemas : [...combined, ...schemas.filter(({ kind }) => kind !== 'combined')];
}

/** A text among the members; null = there is none. */
export function textOf(schema: JsonSchema, keyword: string): string | null {
  const node = schema.members.get(keyword);
  return typeof node === 'string' ? node : null;
}

/** A whole number among the members; null = there is none. */
export function integerOf(schema: JsonSchema, keyword: string): number | null {
  const node = schema.members.get(keyword);
  return node instanceof JsonNumber && node.integral ? Number(node.text) : null;
}
