import type { Field, Schema } from '../core/data/schema.ts';
import type { Struct } from '../core/data/struct.ts';
import { ConfigException } from '../core/errors.ts';
import { IllegalArgumentException } from '../core/java/exceptions.ts';
import { requireMapOrNull, requireStructOrNull } from './requirements.ts';

/** V1: a path is one name. V2 (KIP-821): dots separate steps, backticks wrap names that contain dots. */
export type FieldSyntaxVersion = 'V1' | 'V2';

const PURPOSE = 'nested field access';

/** The place of one field, at the root or below. */
export class FieldPath {
  readonly #parents: readonly string[];
  readonly #last: string | undefined;

  /** @throws ConfigException for a backtick without its partner. */
  constructor(path: string, version: FieldSyntaxVersion) {
    const steps = version === 'V1' ? [path] : parseSteps(path);
    this.#parents = steps.slice(0, -1);
    this.#last = steps.at(-1);
  }

  get #name(): string {
    if (this.#last === undefined) throw new IllegalArgumentException('fromIndex(0) > toIndex(-1)');
    return this.#last;
  }

  /** The field in a schema; null = there is none. DataException where a step is no struct. */
  fieldOf(schema: Schema): Field | null {
    let current = schema;
    const name = this.#name;
    for (const step of this.#parents) {
      const field = current.field(step);
      if (field === null) return null;
      current = field.schema;
    }
    return current.field(name);
  }

  /** The value in a struct; null also where a step is missing or null. */
  valueIn(struct: Struct, withDefault: boolean): unknown {
    let current = struct;
    const name = this.#name;
    for (const step of this.#parents) {
      if (current.schema.field(step) === null) return null;
      const next = requireStructOrNull(current.get(step), PURPOSE);
      if (next === null) return null;
      current = next;
    }
    const field = current.schema.field(name);
    if (field === null) return null;
    return withDefault ? current.get(field) : current.getWithoutDefault(field);
  }

  /** The value in schemaless data; null also where a step is missing or null. */
  valueInMap(map: ReadonlyMap<unknown, unknown>): unknown {
    let current = map;
    const name = this.#name;
    for (const step of this.#parents) {
      const next = requireMapOrNull(current.get(step), PURPOSE);
      if (next === null) return null;
      current = next;
    }
    return current.get(name) ?? null;
  }
}

function parseSteps(path: string): string[] {
  const steps: string[] = [];
  let at = 0;
  while (at < path.length) {
    if (path[at] === '`') {
      const wrapped = parseWrapped(path, at);
      steps.push(wrapped.step);
      at = wrapped.end;
    } else {
      const dot = path.indexOf('.', at);
      steps.push(dot < 0 ? path.slice(at) : path.slice(at, dot));
      at = dot < 0 ? path.length : dot + 1;
    }
  }
  if (path.endsWith('.')) steps.push('');
  return steps;
}

/** A step between backticks; only a backtick before a dot or the end closes it, unless a backslash stands before it. */
function parseWrapped(path: string, open: number): { step: string; end: number } {
  let step = '';
  let from = open + 1;
  for (let at = path.indexOf('`', from); at >= 0; at = path.indexOf('`', at + 1)) {
    const escaped = path[at - 1] === '\\';
    if (at === path.length - 1) {
      if (escaped) break;
      return { step: step + path.slice(from, at), end: path.length };
    }
    if (path[at + 1] !== '.') continue;
    if (!escaped) return { step: step + path.slice(from, at), end: at + 2 };
    step += `${path.slice(from, at - 1)}\``;
    from = at + 1;
  }
  throw new ConfigException(
    `Incomplete backtick pair in path: [${path}], consider adding a backslash before backtick at position ${open} to escape it`,
  );
}
