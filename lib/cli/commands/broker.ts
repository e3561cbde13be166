import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { UsageException } from '../parse-arguments.ts';

/** `serverless-connect broker`: the embedded Kafka alone. */
export const brokerCommand: Command = {
  name: 'broker',
  summary: 'start the embedded Kafka broker alone, for development',
  operands: '',
  flags: [
    { name: 'port', value: 'N', help: 'port on 127.0.0.1 (default 9092; 0 takes a free one)' },
    { name: 'dir', value: 'D', help: 'keep topics, groups and transactions in this folder (default: in memory)' },
  ],
  examples: [{ call: 'broker --port 9092 --dir .kafka', does: 'a broker whose topics survive a restart' }],
  async run(args, io) {
    const text = args.text('port') ?? '9092';
    const port = Number(text);
    if (!/^\d+$/.test(text) || port > 65_535) throw new UsageException(`--port must be a number from 0 to 65535, got '${text}'`);
    if (args.positionals.length > 0) throw new UsageException(`broker takes no operands, got '${args.positionals[0]}'`);
    const dir = args.text('dir');
    const { serveBroker } = await import('../../host/embedded.ts');
    await serveBroker({ port, ...(dir === undefined ? {} : { dir }) }, { print: (line) => io.out.write(`${line}\n`), signal: io.stop });
    return EXIT.done;
  },
};
