import { formatProblem } from '../../config/problems.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { UsageException } from '../parse-arguments.ts';

/** `serverless-connect validate FILE…`: every mistake at once. */
export const validateCommand: Command = {
  name: 'validate',
  summary: 'check pipeline, connector and worker files: every mistake at once',
  operands: 'FILE…',
  flags: [
    { name: 'reach', value: null, help: 'also look at the databases and buckets the connectors name' },
    { name: 'output', value: 'text|json', help: 'how problems are printed (default text)' },
  ],
  examples: [
    { call: 'validate infra/pipelines/orders.json', does: 'a pipeline file' },
    { call: 'validate worker.properties orders-source.json', does: "Kafka Connect's own files" },
  ],
  async run(args, io) {
    const output = args.text('output') ?? 'text';
    if (output !== 'text' && output !== 'json') throw new UsageException(`--output must be text or json, got '${output}'`);
    if (args.positionals.length === 0) throw new UsageException('validate needs at least one file: serverless-connect validate FILE…');
    const { readHostFiles, resolverFor, validateFiles } = await import('../../host/index.ts');
    const files = await readHostFiles(args.positionals);
    const problems = await validateFiles(files, await resolverFor(files), { reach: args.has('reach') });
    const errors = problems.filter((problem) => problem.severity === 'error');
    if (output === 'json') io.out.write(`${JSON.stringify({ valid: errors.length === 0, problems }, null, 2)}\n`);
    else {
      for (const problem of problems) io.out.write(`${problem.severity}:${formatProblem(problem).slice(1)}\n`);
      const count = files.connectors.length;
      io.out.write(
        `${count} connector${count === 1 ? '' : 's'}, ${errors.length} error${errors.length === 1 ? '' : 's'}, ${problems.length - errors.length} warnings\n`,
      );
    }
    return errors.length === 0 ? EXIT.done : EXIT.usage;
  },
};
