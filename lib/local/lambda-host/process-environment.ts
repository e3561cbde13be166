import { spawn } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type EnvironmentAnswer,
  EnvironmentDiedError,
  type EnvironmentStarter,
  type ExecutionEnvironment,
  INIT_LIMIT_MS,
  type InvokeRequest,
  lineSplitter,
} from './execution-environment.ts';
import { openRuntimeApi } from './runtime-api.ts';

const RUNTIME = fileURLToPath(new URL(`./process-runtime${extname(import.meta.url)}`, import.meta.url));

/**
 * Starts an environment in a process of its own that speaks the Runtime API: real environment, heap limit, crash and exit. Between two
 * events it is stopped by SIGSTOP (where the system has it), as Lambda freezes it.
 */
export const startProcessEnvironment: EnvironmentStarter = async (definition, env, onLine) => {
  const startedAt = performance.now();
  const api = await openRuntimeApi();
  const child = spawn(process.execPath, [`--max-old-space-size=${definition.memoryMb}`, RUNTIME], {
    cwd: definition.bundleDir,
    env: {
      ...env,
      PATH: process.env.PATH ?? '',
      AWS_LAMBDA_RUNTIME_API: api.address,
      LAMBDA_TASK_ROOT: definition.bundleDir,
      _HANDLER: definition.handler,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', lineSplitter(onLine));
  }
  const exited = new Promise<never>((_resolve, reject) => {
    child.on('error', (error) => reject(new EnvironmentDiedError('Runtime.InvalidEntrypoint', error.message)));
    child.on('exit', (code, signal) =>
      reject(
        new EnvironmentDiedError(
          signal === 'SIGABRT' ? 'Runtime.OutOfMemory' : 'Runtime.ExitError',
          `Runtime exited with ${signal === null ? `exit status ${code}` : `signal ${signal}`}`,
        ),
      ),
    );
  });
  exited.catch(() => api.close());
  const send = (signal: NodeJS.Signals): void => {
    if (process.platform !== 'win32' && child.exitCode === null) child.kill(signal);
  };

  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    limit = setTimeout(
      () => reject(new EnvironmentDiedError('Sandbox.Timedout', `init phase timed out after ${INIT_LIMIT_MS} ms`)),
      INIT_LIMIT_MS,
    );
  });
  try {
    await Promise.race([api.idle(), exited, late]);
  } catch (error) {
    child.kill('SIGKILL');
    const reported = api.initError();
    throw reported === null ? error : new EnvironmentDiedError(reported.errorType, reported.errorMessage);
  } finally {
    clearTimeout(limit);
  }
  send('SIGSTOP');

  const environment: ExecutionEnvironment = {
    initMs: performance.now() - startedAt,
    async invoke(request: InvokeRequest): Promise<EnvironmentAnswer> {
      send('SIGCONT');
      const answer = await Promise.race([api.invoke(request), exited]);
      await Promise.race([api.idle(), exited]);
      send('SIGSTOP');
      return answer;
    },
    freeze: () => send('SIGSTOP'),
    thaw: () => send('SIGCONT'),
    async kill() {
      child.kill('SIGKILL');
      await exited.catch(() => undefined);
    },
  };
  return environment;
};
