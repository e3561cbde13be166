import { isMembers, type JsonNode, nodeText } from './json-node.ts';
import { quote } from './json-writer.ts';

/** JSON over several lines, as Jackson's default pretty printer has it: members on lines of their own, elements on one line. */
export function prettyText(node: JsonNode, indent = ''): string {
  if (isMembers(node)) {
    if (node.size === 0) return '{ }';
    const inner = `${indent}  `;
    const members = [...node].map(([name, value]) => `${inner}${quote(name)} : ${prettyText(value, inner)}`);
    return `{\n${members.join(',\n')}\n${indent}}`;
  }
  if (!Array.isArray(node)) return nodeText(node);
  const elements = node as readonly JsonNode[];
  return elements.length === 0 ? '[ ]' : `[ ${elements.map((element) => prettyText(element, indent)).join(', ')} ]`;
}
