import { redactedValue } from '../../config/redaction.ts';
import type { Command } from '../command.ts';
import { connectorInfo } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS } from '../flags.ts';
import { printJson, printTable, wantsJson } from '../output/present.ts';
import { restClient } from '../target.ts';
import { oneOperand } from '../usage.ts';

/** `serverless-connect get NAME` */
export const getCommand: Command = {
  name: 'get',
  summary: 'show the configuration of a connector',
  operands: 'NAME',
  flags: [OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [
    { call: 'get orders-source', does: 'a table; what looks like a secret is hidden' },
    { call: 'get orders-source --output json > orders-source.json', does: 'a file that apply takes, secrets as the API gives them' },
  ],
  async run(args, io) {
    const name = oneOperand(args, 'get', 'NAME');
    const json = wantsJson(args);
    const { config } = await connectorInfo(await restClient(args, io), name);
    const sorted = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
    if (json) printJson(io, { name, config: Object.fromEntries(sorted) });
    else
      printTable(
        io,
        [{ title: 'KEY' }, { title: 'VALUE', cut: true }],
        sorted.map(([key, value]) => [key, value === null ? 'null' : redactedValue(key, value)]),
        `${name} has an empty configuration`,
      );
    return EXIT.done;
  },
};
