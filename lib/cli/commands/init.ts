import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConnectException } from '../../core/errors.ts';
import { packageVersion } from '../../host/package-version.ts';
import type { CliIo, Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { UsageException } from '../parse-arguments.ts';
import { projectFiles } from '../project-files.ts';

/** A pipeline's and a package's name at once. */
const NAME = /^[a-z][a-z0-9-]{0,49}$/;

/** `serverless-connect init`: a project to begin with. */
export const initCommand: Command = {
  name: 'init',
  summary: 'write a new project: pipeline file, plug-in of its own with its test, CDK app',
  operands: 'DIR',
  flags: [
    { name: 'package', value: 'SPEC', help: 'where npm gets serverless-connect from (default: this version from the registry)' },
    { name: 'no-lock', value: null, help: 'write no package-lock.json; npm ci needs one, npm install makes it' },
  ],
  examples: [{ call: 'init readings', does: 'a project in the folder readings; then npm ci && npm test && npx cdk synth' }],
  async run(args, io) {
    const [operand, ...others] = args.positionals;
    if (operand === undefined || others.length > 0) throw new UsageException('init takes one operand: the folder to write to');
    const folder = resolve(io.cwd, operand);
    const name = basename(folder);
    if (!NAME.test(name)) {
      throw new UsageException(
        `init names the project by its folder, and '${name}' cannot be a name; allowed: a lower-case letter, then letters, digits and dashes`,
      );
    }
    if (existsSync(folder) && readdirSync(folder).length > 0) throw new UsageException(`${folder} is not empty; name another folder`);
    const files = projectFiles(name, args.text('package') ?? packageVersion());
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
      io.out.write(`${join(operand, path)}\n`);
    }
    if (!args.has('no-lock')) await writeLock(folder, io);
    io.out.write(`\nnext: cd ${operand} && npm ci && npm test && npx cdk synth\n`);
    return EXIT.done;
  },
};

async function writeLock(folder: string, io: CliIo): Promise<void> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const child = spawn(npm, ['install', '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((done) => {
    child.once('error', () => done(null));
    child.once('close', done);
  });
  if (code === 0) io.out.write(`${join(basename(folder), 'package-lock.json')}\n`);
  else {
    throw new ConnectException(
      `the files are written, but npm could not make package-lock.json (${code === null ? 'there is no npm' : errors.trim()}); run npm install in ${folder}`,
      { code: 'no-lock-file' },
    );
  }
}
