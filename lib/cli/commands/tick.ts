import { formatProblem, InvalidConfigException, isUsable } from '../../config/problems.ts';
import { ConnectException } from '../../core/errors.ts';
import type { LogLevel } from '../../core/line-logger.ts';
import type { TickReport } from '../../host/index.ts';
import type { Arguments, CliIo, Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG } from '../flags.ts';
import { printJson, printTable, wantsJson } from '../output/present.ts';
import { UsageException } from '../parse-arguments.ts';
import { regionOf } from '../target.ts';
import { oneOf, wholeNumber } from '../usage.ts';

const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug', 'trace'];

/** `serverless-connect tick NAME` */
export const tickCommand: Command = {
  name: 'tick',
  summary: 'run one tick of a connector now: in this process, or by its deployed function',
  operands: 'NAME [FILE…]',
  flags: [
    { name: 'stack', value: 'NAME', help: 'invoke the function of this CloudFormation stack, and wait for it' },
    { name: 'region', value: 'NAME', help: 'AWS region of the stack (default: AWS_REGION, else your AWS configuration)' },
    {
      name: 'dynamodb',
      value: 'URL',
      help: 'in this process: keep state in this DynamoDB (default: AWS_ENDPOINT_URL_DYNAMODB, else embedded)',
    },
    { name: 'table', value: 'NAME', help: 'in this process: the state table (default as for standalone)' },
    { name: 'timeout', value: 'SECONDS', help: 'how long the tick may take (default 900)' },
    { name: 'log-level', value: 'LEVEL', help: `in this process: one of ${LOG_LEVELS.join(', ')} (default warn)` },
    OUTPUT_FLAG,
  ],
  examples: [
    { call: 'tick orders-source infra/pipelines/orders.json', does: 'here, with the state that standalone would use' },
    { call: 'tick orders-source --stack orders', does: 'by the deployed function' },
  ],
  async run(args, io) {
    const [name, ...files] = args.positionals;
    const stack = args.text('stack');
    const json = wantsJson(args);
    if (name === undefined) throw new UsageException('tick needs NAME: serverless-connect tick NAME FILE… or tick NAME --stack STACK');
    if (stack === undefined && files.length === 0)
      throw new UsageException('tick needs the files that tell Kafka and the state table, or --stack: serverless-connect tick NAME FILE…');
    if (stack !== undefined && files.length > 0) throw new UsageException('a deployed tick takes no files: its stack says everything');
    const reports = stack === undefined ? await here(args, io, name, files) : [await deployed(args, io, name, stack)];
    if (json) printJson(io, { name, ticks: reports });
    else
      printTable(
        io,
        [
          { title: 'TASK', align: 'right' },
          { title: 'OUTCOME' },
          { title: 'IN', align: 'right' },
          { title: 'OUT', align: 'right' },
          { title: 'BYTES', align: 'right' },
          { title: 'DEAD LETTERS', align: 'right' },
          { title: 'STARTED', align: 'right' },
        ],
        reports.map(({ fannedOut, figures, handedOver, outcome, task }) => [
          task === null ? '-' : String(task),
          outcome,
          String(figures.recordsIn),
          String(figures.recordsOut),
          String(figures.bytes),
          String(figures.deadLetters),
          String(fannedOut + (handedOver ? 1 : 0)),
        ]),
        'nothing was run',
      );
    return EXIT.done;
  },
};

async function here(args: Arguments, io: CliIo, connector: string, paths: readonly string[]): Promise<TickReport[]> {
  const level = oneOf(args, 'log-level', LOG_LEVELS, 'warn');
  const seconds = wholeNumber(args, 'timeout', 900, [15, 86_400]);
  const { createConsoleLogger, ProcessLogLevels, readHostFiles, resolverFor, tickHere, validateFiles } = await import(
    '../../host/index.ts'
  );
  const levels = new ProcessLogLevels(level);
  const logger = createConsoleLogger({ level: (namespace) => levels.levelOf(namespace), terminal: io.err.isTTY === true });
  const files = await readHostFiles(paths);
  const plugins = await resolverFor(files);
  const problems = await validateFiles(files, plugins, { reach: false });
  for (const problem of problems) if (problem.severity === 'warning') logger.warn(formatProblem(problem).trim());
  if (!isUsable(problems)) throw new InvalidConfigException(paths.join(', '), problems);
  return tickHere({
    files,
    plugins,
    logger,
    levels,
    connector,
    dynamodb: args.text('dynamodb') ?? io.env.AWS_ENDPOINT_URL_DYNAMODB ?? null,
    inMemory: false,
    table: args.text('table') ?? io.env.SERVERLESS_CONNECT_TABLE ?? null,
    cwd: io.cwd,
    timeoutMs: seconds * 1000,
    stop: io.stop,
  });
}

async function deployed(args: Arguments, io: CliIo, connector: string, stack: string): Promise<TickReport> {
  const seconds = wholeNumber(args, 'timeout', 900, [1, 900]);
  const [{ awsAccess }, { functionOf }, { invokeAndWait }] = await Promise.all([
    import('../aws-access.ts'),
    import('../stack.ts'),
    import('../invoke-function.ts'),
  ]);
  const access = await awsAccess({ ...io.env, ...regionOf(args) });
  const report = await invokeAndWait(await functionOf(stack, connector, access), {}, access, seconds * 1000);
  if (report === null || typeof report !== 'object' || !('outcome' in report))
    throw new ConnectException(`the function of ${connector} answered what is no report of a tick: ${JSON.stringify(report)}`);
  return report as TickReport;
}
