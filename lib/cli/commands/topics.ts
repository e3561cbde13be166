import type { Command } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { connectorInfo } from '../connector-infos.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS, YES_FLAG } from '../flags.ts';
import { printJson, printLines, wantsJson } from '../output/present.ts';
import { restClient } from '../target.ts';
import { oneOperand } from '../usage.ts';

/** `serverless-connect topics NAME` */
export const topicsCommand: Command = {
  name: 'topics',
  summary: 'topics a connector has used',
  operands: 'NAME',
  flags: [{ name: 'reset', value: null, help: 'forget them; the topics themselves stay' }, YES_FLAG, OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [
    { call: 'topics orders-source', does: 'one per line' },
    { call: 'topics orders-source --reset --yes', does: 'starts to collect anew' },
  ],
  async run(args, io) {
    const name = oneOperand(args, 'topics', 'NAME');
    const json = wantsJson(args);
    const client = await restClient(args, io);
    // The API answers an unknown connector with no topics.
    await connectorInfo(client, name);
    if (args.has('reset')) {
      if (!(await confirmed(args, io, `forget which topics ${name} has used?`))) return EXIT.failed;
      await client.connector('PUT', name, '/topics/reset');
    }
    const answer = (await client.connector('GET', name, '/topics')) as Record<string, { topics: string[] }>;
    const topics = (answer[name]?.topics ?? []).toSorted();
    if (json) printJson(io, { name, topics });
    else if (topics.length === 0) io.err.write(`${name} has used no topics\n`);
    else printLines(io, topics);
    return EXIT.done;
  },
};
