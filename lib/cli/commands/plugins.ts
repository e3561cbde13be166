import { nearestNames } from '../../core/config/did-you-mean.ts';
import type { Command } from '../command.ts';
import { EXIT } from '../exit-code.ts';
import { OUTPUT_FLAG, TARGET_FLAGS } from '../flags.ts';
import { printJson, printTable, wantsJson } from '../output/present.ts';
import { UsageException } from '../parse-arguments.ts';
import { RestFailure } from '../rest-client.ts';
import { restClient } from '../target.ts';

interface Plugin {
  readonly class: string;
  readonly type: string;
  readonly version: string | null;
}

interface PluginKey {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default_value: string | null;
  readonly importance: string;
  readonly documentation: string;
}

/** `serverless-connect plugins [CLASS]` */
export const pluginsCommand: Command = {
  name: 'plugins',
  summary: 'plug-ins of the worker; with a class its configuration keys',
  operands: '[CLASS]',
  flags: [{ name: 'all', value: null, help: 'converters, transforms and predicates too' }, OUTPUT_FLAG, ...TARGET_FLAGS],
  examples: [
    { call: 'plugins', does: 'connectors' },
    { call: 'plugins FileStreamSource', does: 'the keys of one, with defaults' },
  ],
  async run(args, io) {
    const [name, more] = args.positionals;
    if (more !== undefined) throw new UsageException(`plugins takes one CLASS, got also '${more}'`);
    const json = wantsJson(args);
    const client = await restClient(args, io);
    const plugins = async (all: boolean) => (await client.call('GET', `/connector-plugins?connectorsOnly=${!all}`)) as Plugin[];
    if (name === undefined) {
      const shown = (await plugins(args.has('all'))).toSorted((a, b) => (`${a.type} ${a.class}` < `${b.type} ${b.class}` ? -1 : 1));
      if (json) printJson(io, shown);
      else
        printTable(
          io,
          [{ title: 'CLASS', cut: true }, { title: 'TYPE' }, { title: 'VERSION' }],
          shown.map((each) => [each.class, each.type, each.version ?? '']),
          'no plug-ins',
        );
      return EXIT.done;
    }
    let keys: PluginKey[];
    try {
      keys = (await client.call('GET', `/connector-plugins/${encodeURIComponent(name)}/config`)) as PluginKey[];
    } catch (error) {
      if (!(error instanceof RestFailure) || error.status !== 404) throw error;
      const near = nearestNames(
        name,
        (await plugins(true)).flatMap(({ class: each }) => [each, each.slice(each.lastIndexOf('.') + 1)]),
      )[0];
      throw new RestFailure(
        404,
        `there is no plug-in '${name}'; ${near === undefined ? 'plugins --all lists them' : `did you mean '${near}'?`}`,
      );
    }
    if (json) printJson(io, keys);
    else
      printTable(
        io,
        [
          { title: 'KEY' },
          { title: 'TYPE' },
          { title: 'DEFAULT', cut: true },
          { title: 'IMPORTANCE' },
          { title: 'DOCUMENTATION', cut: true },
        ],
        keys.map((key) => [
          key.name,
          key.type,
          key.required ? 'required' : (key.default_value ?? 'null'),
          key.importance,
          key.documentation,
        ]),
        `${name} has no configuration keys`,
      );
    return EXIT.done;
  },
};
