import type { OffsetChange } from './offset-change.ts';
import { partitionKey, readOffsets } from './offsets.ts';
import { jsonText } from './output/present.ts';
import type { RestClient } from './rest-client.ts';

/** What exact offsets change of a connector's own. */
export async function planExactOffsets(
  client: RestClient,
  name: string,
  given: readonly Omit<OffsetChange, 'before'>[],
): Promise<OffsetChange[]> {
  const current = new Map((await readOffsets(client, name)).map(({ offset, partition }) => [partitionKey(partition), offset]));
  return given
    .map((each) => ({ ...each, before: current.get(partitionKey(each.partition)) ?? null }))
    .filter(({ after, before }) => jsonText(after, 0) !== jsonText(before, 0));
}
