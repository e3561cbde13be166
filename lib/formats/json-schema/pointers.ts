import { IllegalArgumentException } from '../../core/java/exceptions.ts';
import { isMembers, type JsonNode } from '../json/json-node.ts';

type Members = ReadonlyMap<string, JsonNode>;

/** Finds what a `$ref` names: a JSON pointer, an `$id` or an `$anchor`, in this document or in one of the referenced ones. */
export class JsonPointers {
  readonly #root: JsonNode;
  readonly #references: ReadonlyMap<string, JsonNode>;
  /** The document in which each object stands, as far as it was walked through. */
  readonly #documentOf = new Map<JsonNode, JsonNode>();
  readonly #ids = new Map<JsonNode, Map<string, JsonNode>>();

  constructor(root: JsonNode, references: ReadonlyMap<string, JsonNode>) {
    this.#root = root;
    this.#references = references;
    for (const document of [root, ...references.values()]) {
      const ids = new Map<string, JsonNode>();
      this.#ids.set(document, ids);
      this.#walk(document, document, ids);
    }
  }

  /** `from`: the object that holds the reference. Throws IllegalArgumentException where nothing is found. */
  resolve(ref: string, from: Members): JsonNode {
    const hash = ref.indexOf('#');
    const name = hash < 0 ? ref : ref.slice(0, hash);
    const fragment = hash < 0 ? '' : ref.slice(hash + 1);
    const document = name === '' ? (this.#documentOf.get(from) ?? this.#root) : this.#document(name);
    const byId = this.#ids.get(document)?.get(ref) ?? this.#ids.get(document)?.get(`#${fragment}`);
    if (fragment !== '' && !fragment.startsWith('/')) return byId ?? notFound(ref);
    return pointed(document, fragment) ?? byId ?? notFound(ref);
  }

  #document(name: string): JsonNode {
    const plain = name.replace(/^\.\//, '');
    for (const [known, node] of this.#references) {
      if (known === name || known === plain || known.replace(/^\.\//, '') === plain || name.endsWith(`/${known}`)) return node;
    }
    for (const ids of this.#ids.values()) {
      const found = ids.get(name) ?? ids.get(plain);
      if (found !== undefined) return found;
    }
    return notFound(name);
  }

  #walk(node: JsonNode, document: JsonNode, ids: Map<string, JsonNode>): void {
    if (isMembers(node)) {
      this.#documentOf.set(node, document);
      for (const keyword of ['$id', 'id']) {
        const id = node.get(keyword);
        if (typeof id === 'string' && !ids.has(id)) ids.set(id, node);
      }
      const anchor = node.get('$anchor');
      if (typeof anchor === 'string') ids.set(`#${anchor}`, node);
      for (const member of node.values()) this.#walk(member, document, ids);
    } else if (Array.isArray(node)) for (const element of node as JsonNode[]) this.#walk(element, document, ids);
  }
}

function pointed(document: JsonNode, pointer: string): JsonNode | null {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => decode(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  // Both spellings of the place for definitions are understood, whichever the document uses.
  return follow(document, steps) ?? (steps[0] === '$defs' ? follow(document, ['definitions', ...steps.slice(1)]) : null);
}

function follow(document: JsonNode, steps: readonly string[]): JsonNode | null {
  let node: JsonNode | undefined = document;
  for (const step of steps) {
    if (isMembers(node)) node = node.get(step);
    else if (Array.isArray(node)) node = (node as JsonNode[])[Number(step)];
    else return null;
  }
  return node ?? null;
}

function decode(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function notFound(ref: string): never {
  throw new IllegalArgumentException(`Invalid JSON: the reference ${ref} leads nowhere`);
}
