import { extname } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import {
  type EnvironmentAnswer,
  EnvironmentDiedError,
  type EnvironmentStarter,
  type ExecutionEnvironment,
  INIT_LIMIT_MS,
  type InvokeRequest,
  lineSplitter,
} from './execution-environment.ts';

/** What the thread is started with. */
export interface WorkerInput {
  readonly bundleDir: string;
  readonly handler: string;
  /** Two Int32: [0] counts events (the thread sleeps on it), [1] is 1 while frozen. */
  readonly wake: SharedArrayBuffer;
}

type FromWorker =
  | { ready: true }
  | { initError: { errorType: string; errorMessage: string } }
  | { answer: EnvironmentAnswer }
  | { output: string };

// Beside this file lies worker-runtime.ts in the repository and worker-runtime.js in the package.
const RUNTIME = new URL(`./worker-runtime${extname(import.meta.url)}`, import.meta.url);

/** Starts an environment in a worker thread of this process: 50 ms cold, 0.1 ms warm; own globals, environment and heap limit. */
export const startWorkerEnvironment: EnvironmentStarter = async (definition, env, onLine) => {
  const startedAt = performance.now();
  const wake = new SharedArrayBuffer(8);
  const signal = new Int32Array(wake);
  const channel = new MessageChannel();
  const input: WorkerInput = { bundleDir: definition.bundleDir, handler: definition.handler, wake };
  const worker = new Worker(RUNTIME, {
    workerData: { ...input, events: channel.port1 },
    transferList: [channel.port1],
    env: { ...env },
    execArgv: env.NODE_OPTIONS?.split(' ').filter((option) => option !== '') ?? [],
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMb },
    // Node's own notes (experimental features) come before the thread can redirect them; they are not the function's.
    stderr: true,
  });
  const split = lineSplitter(onLine);
  let settle: { resolve: (answer: EnvironmentAnswer) => void; reject: (error: Error) => void } | null = null;
  let ended: EnvironmentDiedError | null = null;

  const end = (error: EnvironmentDiedError): void => {
    ended ??= error;
    settle?.reject(ended);
    settle = null;
    channel.port2.close();
  };
  const initialised = Promise.withResolvers<void>();
  worker.on('message', (message: FromWorker) => {
    if ('output' in message) split(message.output);
    else if ('ready' in message) initialised.resolve();
    else if ('initError' in message)
      initialised.reject(new EnvironmentDiedError(message.initError.errorType, message.initError.errorMessage));
    else {
      settle?.resolve(message.answer);
      settle = null;
    }
  });
  worker.on('error', (error: Error & { code?: string }) => {
    const outOfMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const died = new EnvironmentDiedError(outOfMemory ? 'Runtime.OutOfMemory' : 'Runtime.ExitError', error.message);
    initialised.reject(died);
    end(died);
  });
  worker.on('exit', (code) => {
    const died = new EnvironmentDiedError('Runtime.ExitError', `Runtime exited with exit status ${code}`);
    initialised.reject(died);
    end(died);
  });
  const limit = setTimeout(
    () => initialised.reject(new EnvironmentDiedError('Sandbox.Timedout', `init phase timed out after ${INIT_LIMIT_MS} ms`)),
    INIT_LIMIT_MS,
  );
  try {
    await initialised.promise;
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    clearTimeout(limit);
  }

  const environment: ExecutionEnvironment = {
    initMs: performance.now() - startedAt,
    invoke(request: InvokeRequest) {
      if (ended !== null) return Promise.reject(ended);
      return new Promise<EnvironmentAnswer>((resolve, reject) => {
        settle = { resolve, reject };
        channel.port2.postMessage(request);
        Atomics.add(signal, 0, 1);
        Atomics.notify(signal, 0);
      });
    },
    freeze() {
      Atomics.store(signal, 1, 1);
      worker.postMessage('freeze');
    },
    thaw() {
      Atomics.store(signal, 1, 0);
      Atomics.notify(signal, 1);
    },
    async kill() {
      await worker.terminate();
    },
  };
  return environment;
};
