import type { Command } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { connectorInfo } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS, YES_FLAG } from '../flags.ts';
import { printJson, printLines, wantsJson } from '../output/present.ts';
import { restClient } from '../target.ts';
import { someOperands } from '../usage.ts';

/** `serverless-connect delete NAME…` */
export const deleteCommand: Command = {
  name: 'delete',
  summary: 'delete connectors; offsets of sources and topics stay',
  operands: 'NAME…',
  flags: [YES_FLAG, OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [{ call: 'delete orders-source --yes', does: 'without the question' }],
  async run(args, io) {
    const names = someOperands(args, 'delete', 'NAME');
    const json = wantsJson(args);
    const client = await restClient(args, io);
    // All are looked up first: a mistyped name is not to leave half of the work done.
    for (const name of names) await connectorInfo(client, name);
    if (!(await confirmed(args, io, `delete ${names.join(', ')} at ${client.target.label}?`))) return EXIT.failed;
    for (const name of names) await client.connector('DELETE', name);
    if (json) printJson(io, { deleted: names });
    else
      printLines(
        io,
        names.map((name) => `${name} deleted`),
      );
    return EXIT.done;
  },
};
