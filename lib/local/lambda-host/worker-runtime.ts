import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { describeError, loadHandler, runHandler } from './handler.ts';
import type { WorkerInput } from './worker-environment.ts';

// Runs in the worker thread. Between two events the thread sleeps in Atomics.wait: timers, sockets and promises stand still,
// as they do in a frozen Lambda environment.
const { bundleDir, handler: handlerName, wake: wakeBuffer, events } = workerData as WorkerInput & { events: MessagePort };
const wake = new Int32Array(wakeBuffer);
const WAKE = 0;
const FROZEN = 1;
const host = parentPort;
if (host === null) throw new Error('worker-runtime runs in a worker thread only');

// The stream of a worker waits for its parent's acknowledgement between two writes, and would lose lines in a freeze.
for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array): boolean => {
    host.postMessage({ output: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    return true;
  };
}

host.on('message', () => Atomics.wait(wake, FROZEN, 1));

function nextEvent(): Parameters<typeof runHandler>[1] {
  for (;;) {
    const seen = Atomics.load(wake, WAKE);
    const received = receiveMessageOnPort(events);
    if (received !== undefined) return received.message;
    Atomics.wait(wake, WAKE, seen);
  }
}

try {
  const handler = await loadHandler(bundleDir, handlerName);
  host.postMessage({ ready: true });
  for (;;) host.postMessage({ answer: await runHandler(handler, nextEvent()) });
} catch (error) {
  host.postMessage({ initError: describeError(error) });
}
