import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ConfigException } from '../../../core/errors.ts';
import type { CliIo, Command } from '../../command.ts';
import { connectorInfo } from '../../connector-infos.ts';
import { planExactOffsets } from '../../exact-offsets.ts';
import { CHANGE_FLAGS, changeOffsets } from '../../offset-change.ts';
import { asMap, type ConnectorOffset, parseGivenJson, partitionKey, readOffsets } from '../../offsets.ts';
import { UsageException } from '../../parse-arguments.ts';
import { restClient } from '../../target.ts';

/** `serverless-connect offsets import NAME FILE` */
export const offsetsImportCommand: Command = {
  name: 'offsets import',
  summary: 'set the offsets of a connector to those of a file that offsets export wrote',
  operands: 'NAME FILE',
  flags: [{ name: 'prune', value: null, help: 'also forget partitions that the file does not name' }, ...CHANGE_FLAGS],
  examples: [{ call: 'offsets import orders-source orders-source.offsets.json --stop', does: 'goes back to the copy' }],
  async run(args, io) {
    const [name, path, more] = args.positionals;
    if (name === undefined || path === undefined || more !== undefined)
      throw new UsageException('offsets import needs a connector and a file: serverless-connect offsets import NAME FILE');
    const { offsets, type } = await readOffsetsFile(path, io);
    const client = await restClient(args, io);
    const own = await connectorInfo(client, name);
    if (type !== null && type !== own.type)
      throw new ConfigException(`${path} holds the offsets of a ${type}, ${name} is a ${own.type}`, { code: 'wrong-offsets' });
    const named = new Set(offsets.map(({ partition }) => partitionKey(partition)));
    const plan = async () => {
      const others = args.has('prune')
        ? (await readOffsets(client, name)).filter(({ partition }) => !named.has(partitionKey(partition)))
        : [];
      const wanted = [...offsets, ...others.map(({ partition }) => ({ partition, offset: null }))];
      return planExactOffsets(
        client,
        name,
        wanted.map(({ offset, partition }) => ({ partition, after: offset })),
      );
    };
    return changeOffsets(args, io, { client, name, plan });
  },
};

/** Takes also what `GET /connectors/NAME/offsets` answers. Throws ConfigException, with line and column for malformed JSON. */
async function readOffsetsFile(path: string, io: CliIo): Promise<{ offsets: ConnectorOffset[]; type: string | null }> {
  let text: string;
  try {
    text = await readFile(isAbsolute(path) ? path : join(io.cwd, path), 'utf8');
  } catch (cause) {
    throw new ConfigException(`cannot read ${path}: ${(cause as Error).message}`, { cause, code: 'file-not-read' });
  }
  const { offsets, type } = asMap(parseGivenJson(text, path), path);
  if (!Array.isArray(offsets)) throw new ConfigException(`${path} needs "offsets": [{"partition": {…}, "offset": {…}}, …]`);
  return {
    type: typeof type === 'string' ? type : null,
    offsets: offsets.map((entry: unknown, i) => {
      const { offset, partition } = asMap(entry, `offsets[${i}] of ${path}`);
      return {
        partition: asMap(partition, `offsets[${i}].partition of ${path}`),
        offset: offset === null ? null : asMap(offset, `offsets[${i}].offset of ${path}`),
      };
    }),
  };
}
