import { isDeepStrictEqual } from 'node:util';
import { parseProto } from '../../../lib/formats/protobuf/parse-proto.ts';
import type { OptionValue } from '../../../lib/formats/protobuf/proto-file.ts';
import type { ConformanceCase, JudgedOutcome } from '../format/case.ts';
import { runRegistryCase } from '../registry/run-registry-case.ts';

export function run(case_: ConformanceCase): Promise<JudgedOutcome> {
  return runRegistryCase(case_, sameFile);
}

/** As parsed files: the order of members inside an option means nothing, all other order does. */
function sameFile(expected: string, got: string): boolean {
  return isDeepStrictEqual(normalized(parseProto(expected)), normalized(parseProto(got)));
}

function normalized(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(normalized);
  if (typeof part !== 'object' || part === null) return part;
  if ((part as Partial<OptionValue>).kind === 'message') {
    const { members } = part as Extract<OptionValue, { kind: 'message' }>;
    return { kind: 'message', members: members.map(normalized).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
  }
  if ((part as Partial<OptionValue>).kind === 'list') {
    const { values } = part as Extract<OptionValue, { kind: 'list' }>;
    return { kind: 'list', values: values.map(normalized).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
  }
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, normalized(value)]));
}
