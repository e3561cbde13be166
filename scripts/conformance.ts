import type { Difference } from '../test/conformance/format/compare.ts';
import { caseFiles, readCases } from '../test/conformance/format/read-cases.ts';
import { runCase } from '../test/conformance/format/run-case.ts';

const USAGE = `usage: npm run conformance -- PATH… [--only ID-PREFIX] [--verbose]

Runs the cases in these files, or in the *.jsonl and *.jsonl.gz files of these folders and the folders in them.
Folders with a runner of their own (rest, jdbc) are named, with the command.
  --only ID-PREFIX   only the cases whose id begins so
  --verbose          one line for each case, and the trace of each error`;

interface Options {
  readonly paths: readonly string[];
  readonly only: string;
  readonly verbose: boolean;
}

function parseArguments(args: readonly string[]): Options {
  const paths: string[] = [];
  let only = '';
  let verbose = false;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--verbose') verbose = true;
    else if (arg === '--only') only = args[++at] ?? '';
    else if (arg.startsWith('--')) throw new Error(`unknown option ${arg}\n\n${USAGE}`);
    else paths.push(arg);
  }
  if (paths.length === 0) throw new Error(`no path given\n\n${USAGE}`);
  return { paths, only, verbose };
}

function print(differences: readonly Difference[]): string {
  const short = (json: unknown) => (JSON.stringify(json) ?? 'nothing').slice(0, 600);
  return differences
    .slice(0, 5)
    .map(({ path, expected, got }) => `    ${path || 'outcome'}\n      expected ${short(expected)}\n      got      ${short(got)}`)
    .join('\n');
}

async function main(): Promise<number> {
  const { paths, only, verbose } = parseArguments(process.argv.slice(2));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const skipped: string[] = [];
  const withoutRunner = new Map<string, number>();
  const found = paths.map(caseFiles);
  for (const file of found.flatMap(({ files }) => files)) {
    for (const case_ of readCases(file)) {
      if (!case_.id.startsWith(only)) continue;
      const result = await runCase(case_);
      counts[result.status]++;
      if (result.status === 'skipped' && result.withoutRunner) withoutRunner.set(file, (withoutRunner.get(file) ?? 0) + 1);
      else if (result.status === 'skipped') skipped.push(`skipped ${case_.id}: ${result.reason}`);
      else if (result.status === 'failed') {
        console.log(`FAILED ${case_.id}\n${print(result.differences)}`);
        if (verbose && result.thrown instanceof Error) console.log(`${result.thrown.stack}`);
      } else if (verbose) console.log(`passed ${case_.id}`);
    }
  }
  for (const runner of found.flatMap(({ ownRunners }) => ownRunners)) console.log(`not run here: node ${runner}`);
  for (const [file, count] of withoutRunner) console.log(`skipped ${count} cases of ${file}: there is no runner for their family`);
  for (const line of skipped) console.log(line);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return counts.failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
