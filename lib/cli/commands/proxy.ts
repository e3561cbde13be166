import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { TARGET_FLAGS } from '../flags.ts';
import { restClient } from '../target.ts';
import { noOperands, wholeNumber } from '../usage.ts';

/** `serverless-connect proxy` */
export const proxyCommand: Command = {
  name: 'proxy',
  summary: 'a local port that signs requests, so that unsigned tools reach a deployed API',
  operands: '',
  flags: [{ name: 'port', value: 'N', help: 'port on 127.0.0.1 (default 8083; 0 takes a free one)' }, ...TARGET_FLAGS],
  examples: [{ call: 'proxy --stack orders --port 8083', does: 'curl http://127.0.0.1:8083/connectors then asks the deployed API' }],
  async run(args, io) {
    noOperands(args, 'proxy');
    const port = wholeNumber(args, 'port', 8083, [0, 65_535]);
    const { target } = await restClient(args, io);
    const { startProxy } = await import('../signing-proxy.ts');
    const proxy = await startProxy(target, port);
    io.out.write(`listening on http://127.0.0.1:${proxy.port}, forwarding to ${target.base.origin}\n`);
    if (!io.stop.aborted) await new Promise((resolve) => io.stop.addEventListener('abort', resolve, { once: true }));
    await proxy.close();
    return EXIT.done;
  },
};
