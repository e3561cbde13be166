import { type JsonScanner, nodeType } from './json-scanner.ts';
import { quote } from './json-writer.ts';

/** A number by its text, so that nothing is lost. */
export class JsonNumber {
  readonly text: string;
  readonly integral: boolean;

  constructor(text: string, integral: boolean) {
    this.text = text;
    this.integral = integral;
  }
}

/** JSON as a tree; of members with the same name the last one counts. For schemas and for what has gone wrong; data is read directly. */
export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | ReadonlyMap<string, JsonNode>;

const CLOSE_BRACE = 0x7d;
const CLOSE_BRACKET = 0x5d;

export function readNode(scanner: JsonScanner): JsonNode {
  const code = scanner.peek();
  switch (nodeType(code)) {
    case 'STRING':
      return scanner.stringValue();
    case 'OBJECT': {
      const members = new Map<string, JsonNode>();
      if (!scanner.enter()) return members;
      do members.set(scanner.name(), readNode(scanner));
      while (scanner.more(CLOSE_BRACE));
      return members;
    }
    case 'ARRAY': {
      const elements: JsonNode[] = [];
      if (!scanner.enter()) return elements;
      do elements.push(readNode(scanner));
      while (scanner.more(CLOSE_BRACKET));
      return elements;
    }
    case 'BOOLEAN':
      scanner.skipValue();
      return code === 0x74;
    case 'NULL':
      scanner.skipValue();
      return null;
    default: {
      const start = scanner.pos;
      scanner.skipValue();
      return new JsonNumber(scanner.text.slice(start, scanner.pos), scanner.integral);
    }
  }
}

/** A tree as JSON text again. */
export function nodeText(node: JsonNode): string {
  if (typeof node === 'string') return quote(node);
  if (node === null || typeof node === 'boolean') return String(node);
  if (node instanceof JsonNumber) return node.text;
  if (isMembers(node)) return `{${[...node].map(([name, value]) => `${quote(name)}:${nodeText(value)}`).join(',')}}`;
  return `[${node.map(nodeText).join(',')}]`;
}

export function isMembers(node: JsonNode | undefined): node is ReadonlyMap<string, JsonNode> {
  return node instanceof Map;
}
