import { formatProblem, InvalidConfigException, isUsable } from '../../config/problems.ts';
import type { LogLevel } from '../../core/line-logger.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { UsageException } from '../parse-arguments.ts';

const LOG_LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug', 'trace'] satisfies LogLevel[];

/** `serverless-connect standalone`: Connect's standalone mode in one process. */
export const standaloneCommand: Command = {
  name: 'standalone',
  summary: 'run connectors in this process, with Kafka Connect’s own files or a pipeline file',
  operands: 'WORKER.properties CONNECTOR.properties|json … | PIPELINE.json',
  flags: [
    { name: 'dynamodb', value: 'URL', help: 'keep state in this DynamoDB (default: AWS_ENDPOINT_URL_DYNAMODB, else embedded, on disk)' },
    {
      name: 'table',
      value: 'NAME',
      help: 'name of the state table (default: SERVERLESS_CONNECT_TABLE, else serverless-connect-<pipeline or group.id>)',
    },
    { name: 'state', value: 'memory', help: 'forget everything at the end, the embedded Kafka included' },
    { name: 'log-level', value: 'LEVEL', help: `one of ${LOG_LEVELS.join(', ')} (default info)` },
  ],
  examples: [
    {
      call: 'standalone connect-standalone.properties orders-source.properties',
      does: 'the files of Apache’s connect-standalone, unchanged',
    },
    { call: 'standalone infra/pipelines/orders.json', does: 'a pipeline file; without bootstrap.servers the embedded Kafka is started' },
  ],
  async run(args, io) {
    const level = args.text('log-level') ?? 'info';
    if (!LOG_LEVELS.includes(level)) throw new UsageException(`--log-level must be one of ${LOG_LEVELS.join(', ')}, got '${level}'`);
    const state = args.text('state');
    if (state !== undefined && state !== 'memory')
      throw new UsageException(`--state knows only memory, got '${state}'; state on disk is the default`);
    if (args.positionals.length === 0)
      throw new UsageException('standalone needs at least one file: serverless-connect standalone WORKER.properties CONNECTOR…');
    const { createConsoleLogger, ProcessLogLevels, ProgressDisplay, readHostFiles, resolverFor, startStandalone, validateFiles } =
      await import('../../host/index.ts');
    const levels = new ProcessLogLevels(level as LogLevel);
    const logger = createConsoleLogger({ level: (namespace) => levels.levelOf(namespace), terminal: io.err.isTTY });

    const files = await readHostFiles(args.positionals);
    const plugins = await resolverFor(files);
    const problems = await validateFiles(files, plugins, { reach: false });
    for (const problem of problems) if (problem.severity === 'warning') logger.warn(formatProblem(problem).trim());
    if (!isUsable(problems)) throw new InvalidConfigException(args.positionals.join(', '), problems);

    const standalone = await startStandalone({
      files,
      plugins,
      logger,
      levels,
      dynamodb: args.text('dynamodb') ?? io.env.AWS_ENDPOINT_URL_DYNAMODB ?? null,
      inMemory: state === 'memory',
      table: args.text('table') ?? io.env.SERVERLESS_CONNECT_TABLE ?? null,
      cwd: io.cwd,
      stop: io.stop,
    });
    logger.info(standalone.embeddedKafka ? 'embedded Kafka is listening' : 'connected to Kafka', {
      bootstrap: standalone.bootstrap,
      ...(standalone.table === null ? {} : { table: standalone.table }),
    });
    if (standalone.restUrls.length > 0) logger.info('REST API listening', { url: standalone.restUrls.join(', ') });
    else logger.info('the REST API is off: http://127.0.0.1:8083 is taken by another process; set listeners to another port');
    const progress = new ProgressDisplay(() => standalone.rows(), io.out);
    progress.start();
    await standalone.done;
    progress.stop();
    return EXIT.done;
  },
};
