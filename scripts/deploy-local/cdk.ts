import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const BIN = join(ROOT, 'node_modules/.bin');

/** Runs the CDK CLI in the project. Its output is kept and told only when it fails (throws Error). */
export async function cdk(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(join(BIN, 'cdk'), args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    // cdk.json says `node infra/app.ts`: the node of the project.
    env: { ...process.env, ...env, PATH: `${BIN}${delimiter}${process.env.PATH}`, NO_COLOR: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`cdk ${args.join(' ')} ended with ${code}:\n${output.slice(-6000)}`);
}
