import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readStackTemplate } from '../../lib/local/deployment/stack-template.ts';

const ROOT = join(import.meta.dirname, '../..');
const STARTS = 15;
type Line = Readonly<Record<string, unknown>>;

/** Size and init of the bundles that synth makes of the example pipeline: `require` in a fresh process, as Lambda's runtime loads them. */
export async function bundleScenario(): Promise<Line[]> {
  const assembly = mkdtempSync(join(tmpdir(), 'serverless-connect-bench-'));
  try {
    execFileSync(process.execPath, ['infra/app.ts'], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: JSON.stringify({ pipelines: 'examples/cities/pipelines' }) },
    });
    const template = readStackTemplate(assembly);
    const lines: Line[] = [];
    for (const resource of template.resources.filter(({ type }) => type === 'AWS::Lambda::Function')) {
      const { Code, Environment, FunctionName } = template.resolve(resource) as {
        Code: { S3Key: string };
        Environment?: { Variables: Record<string, string> };
        FunctionName?: string;
      };
      const file = join(template.assetDir(Code.S3Key), 'index.js');
      const code = readFileSync(file);
      lines.push({
        function: FunctionName ?? resource.id,
        bytes: code.length,
        gzipBytes: gzipSync(code).length,
        ...initMs(file, Environment?.Variables ?? {}),
      });
    }
    return lines;
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
}

/** Milliseconds of `require` in a fresh process. */
function initMs(file: string, env: Record<string, string>): { initMsMin: number; initMsMedian: number } {
  const script = `const t = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - t)`;
  const environment = { ...process.env, AWS_LAMBDA_FUNCTION_NAME: 'bench', AWS_REGION: 'us-east-1', ...env };
  const times = Array.from({ length: STARTS }, () =>
    Number(execFileSync(process.execPath, ['-e', script], { env: environment, encoding: 'utf8' })),
  ).sort((a, b) => a - b);
  return { initMsMin: Math.round(times[0] as number), initMsMedian: Math.round(times[Math.floor(STARTS / 2)] as number) };
}
