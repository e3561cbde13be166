import { nodeText, readNode } from './json-node.ts';
import type { JsonReader } from './json-reader.ts';
import { JsonScanner, JsonSyntaxError } from './json-scanner.ts';

/**
 * Reads data, and where it does not fit reads it again as Connect does: of several members with one name only the last, and fields in the
 * order of the schema. What was a mistake may be none then, and the first mistake is the one that Connect reports.
 */
export function readData(read: JsonReader, text: string): unknown {
  try {
    return read(new JsonScanner(text));
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw error;
    const again = new JsonScanner(nodeText(readNode(new JsonScanner(text))));
    again.inSchemaOrder = true;
    return read(again);
  }
}
