/**
 * Loaded before a worker (`--import`), it takes the fencing condition out of every write of offsets, watermarks and transactions, and out of
 * what is read: what the chaos run must notice. Nothing in the product can do this.
 */
import { registerHooks } from 'node:module';

const EDITS: readonly { readonly file: string; readonly from: string; readonly to: string }[] = [
  {
    file: '/lib/state/dynamodb/stamp.ts',
    from: "const MAY_WRITE = [...OF_ANOTHER, '#generation = :generation AND #epoch = :epoch AND #order < :order'];",
    // Always true, and uses every value: DynamoDB refuses values that no expression names.
    to: "const MAY_WRITE = ['attribute_not_exists(#generation)', '#generation = :generation', '#generation <> :generation', '#task <> :task', '#epoch <> :epoch', '#order <> :order'];",
  },
  {
    file: '/lib/state/fencing.ts',
    from: '  if (mayWrite(stamp, lease)) return;',
    to: '  if (mayWrite(stamp, lease) || lease !== null) return;',
  },
];

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const edits = EDITS.filter(({ file }) => url.endsWith(file));
    if (edits.length === 0) return loaded;
    let source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    for (const { file, from, to } of edits) {
      if (!source.includes(from)) throw new Error(`${file} no longer reads as ${import.meta.url} expects: change both`);
      source = source.replace(from, to);
    }
    return { ...loaded, source };
  },
});
