import { serveBroker } from '../../../lib/local/broker/serve-broker.ts';

// A broker in a process of its own, for tests that kill it: `node broker-process.ts DIR PORT`. Ends when its parent's pipe closes.

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.stdin.on('end', () => process.exit(1)).resume();
const [dir, port] = process.argv.slice(2) as [string, string];
await serveBroker({ dir, port: Number(port), minSessionTimeoutMs: 500 }, { print: (line) => console.log(line), signal: stop.signal });
process.exit(0);
