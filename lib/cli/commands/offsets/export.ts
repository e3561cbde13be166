import { writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Command } from '../../command.ts';
import { connectorInfo } from '../../connector-infos.ts';
import { EXIT } from '../../exit-code.ts';
import { TARGET_FLAGS } from '../../flags.ts';
import { type OffsetsFile, readOffsets } from '../../offsets.ts';
import { jsonText } from '../../output/present.ts';
import { restClient } from '../../target.ts';
import { oneOperand } from '../../usage.ts';

/** `serverless-connect offsets export NAME` */
export const offsetsExportCommand: Command = {
  name: 'offsets export',
  summary: 'write the offsets of a connector as JSON, for offsets import',
  operands: 'NAME',
  flags: [{ name: 'file', value: 'FILE', help: 'write there (default: standard output)' }, ...TARGET_FLAGS],
  examples: [{ call: 'offsets export orders-source --file orders-source.offsets.json', does: 'a copy before a change' }],
  async run(args, io) {
    const name = oneOperand(args, 'offsets export', 'NAME');
    const client = await restClient(args, io);
    const { type } = await connectorInfo(client, name);
    const file: OffsetsFile = { name, type, offsets: await readOffsets(client, name) };
    const text = `${jsonText(file)}\n`;
    const path = args.text('file');
    if (path === undefined) io.out.write(text);
    else {
      await writeFile(isAbsolute(path) ? path : join(io.cwd, path), text);
      io.out.write(`${file.offsets.length === 1 ? 'one offset' : `${file.offsets.length} offsets`} of ${name} written to ${path}\n`);
    }
    return EXIT.done;
  },
};
