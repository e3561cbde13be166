import { formatProblem, InvalidConfigException, isUsable } from '../../config/problems.ts';
import type { LogLevel } from '../../core/line-logger.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { UsageException } from '../parse-arguments.ts';

const LOG_LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug', 'trace'] satisfies LogLevel[];
/** Container platforms kill after 30 s at the latest; leases that were not released by then would hold the tasks up. */
const DRAIN_MS = 10_000;

/** `serverless-connect worker`: one of many processes that share the connectors of a table. */
export const workerCommand: Command = {
  name: 'worker',
  summary: 'one of any number of processes that share the connectors of a state table',
  operands: 'WORKER.properties [CONNECTOR.properties|json …] | PIPELINE.json',
  flags: [
    {
      name: 'dynamodb',
      value: 'URL',
      help: 'the DynamoDB of the state table (default: AWS_ENDPOINT_URL_DYNAMODB, else that of AWS_REGION)',
    },
    {
      name: 'table',
      value: 'NAME',
      help: 'name of the state table (default: SERVERLESS_CONNECT_TABLE, else serverless-connect-<pipeline or group.id>)',
    },
    { name: 'log-level', value: 'LEVEL', help: `one of ${LOG_LEVELS.join(', ')} (default info)` },
  ],
  examples: [
    { call: 'worker connect-distributed.properties', does: 'the file of Apache’s connect-distributed, unchanged; connectors come by REST' },
    {
      call: 'worker infra/pipelines/orders.json --table orders',
      does: 'the connectors of a pipeline file, shared with every other worker of the table',
    },
  ],
  async run(args, io) {
    const level = args.text('log-level') ?? 'info';
    if (!LOG_LEVELS.includes(level)) throw new UsageException(`--log-level must be one of ${LOG_LEVELS.join(', ')}, got '${level}'`);
    if (args.positionals.length === 0)
      throw new UsageException('worker needs at least one file: serverless-connect worker WORKER.properties …');
    // One by one and not by the index of the host: nothing embedded may be within a worker's reach.
    const [
      { createConsoleLogger },
      { readHostFiles },
      { ProcessLogLevels },
      { resolverFor },
      { ProgressDisplay },
      { validateFiles },
      { startWorker },
    ] = await Promise.all([
      import('../../host/console-logger.ts'),
      import('../../host/host-files.ts'),
      import('../../host/log-levels.ts'),
      import('../../host/plugins.ts'),
      import('../../host/progress.ts'),
      import('../../host/validate-files.ts'),
      import('../../host/worker.ts'),
    ]);
    const levels = new ProcessLogLevels(level as LogLevel);
    const logger = createConsoleLogger({ level: (namespace) => levels.levelOf(namespace), terminal: io.err.isTTY === true });

    const files = await readHostFiles(args.positionals);
    const plugins = await resolverFor(files);
    const problems = await validateFiles(files, plugins, { reach: false });
    for (const problem of problems) if (problem.severity === 'warning') logger.warn(formatProblem(problem).trim());
    if (!isUsable(problems)) throw new InvalidConfigException(args.positionals.join(', '), problems);

    const { env } = io;
    const worker = await startWorker({
      files,
      plugins,
      logger,
      levels,
      dynamodb: args.text('dynamodb') ?? env.AWS_ENDPOINT_URL_DYNAMODB ?? env.AWS_ENDPOINT_URL ?? null,
      region: env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? null,
      hasProfile: env.AWS_PROFILE !== undefined,
      table: args.text('table') ?? env.SERVERLESS_CONNECT_TABLE ?? null,
      stop: io.stop,
    });
    logger.info('worker is up', { bootstrap: worker.bootstrap, table: worker.table });
    if (worker.restUrls.length > 0) logger.info('REST API listening', { url: worker.restUrls.join(', ') });
    else logger.info('the REST API is off: http://127.0.0.1:8083 is taken by another process; set listeners to another port');
    const progress = new ProgressDisplay(() => worker.rows());
    progress.start();
    const late = drainLimit(io.stop, () => {
      const tasks = worker.rows().map(({ connector, task }) => `${connector}-${task}`);
      logger.error('tasks did not stop in time; their leases end by themselves', { tasks, limitMs: DRAIN_MS });
      process.exit(EXIT.failed);
    });
    await worker.done;
    clearTimeout(late.timer);
    progress.stop();
    return EXIT.done;
  },
};

function drainLimit(stop: AbortSignal, onLate: () => void): { timer: NodeJS.Timeout | undefined } {
  const limit: { timer: NodeJS.Timeout | undefined } = { timer: undefined };
  stop.addEventListener('abort', () => {
    limit.timer = setTimeout(onLate, DRAIN_MS);
    limit.timer.unref();
  });
  return limit;
}
