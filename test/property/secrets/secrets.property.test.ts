import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toConfigInfos } from '../../../lib/config/config-infos.ts';
import { formatProblem } from '../../../lib/config/problems.ts';
import { createConfigProviders } from '../../../lib/config/providers/config-providers.ts';
import { validateConnector } from '../../../lib/config/validate-connector.ts';
import { resolveVariables } from '../../../lib/config/variables.ts';
import { parseType } from '../../../lib/core/config/parse-type.ts';
import { Password } from '../../../lib/core/config/password.ts';
import { ConfigException, traceOf } from '../../../lib/core/errors.ts';
import { createLineLogger, jsonLine, type LogLine } from '../../../lib/core/line-logger.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';
import { loadConnector } from '../../../lib/runtime/loaded-connector.ts';
import type { RuntimeDeps } from '../../../lib/runtime/runtime-deps.ts';
import { planConnector } from '../../../lib/runtime/task-planner.ts';
import { createMemoryStores } from '../../../lib/state/memory/create-memory-stores.ts';
import { SILENT } from '../../support/runtime/fakes.ts';
import { ManualClock } from '../../support/runtime/manual-clock.ts';

/** Long enough that it stands in no text by chance. */
const secrets = fc
  .string({ minLength: 12, maxLength: 40, unit: fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ0123456789$%&') })
  .map((text) => `S${text}`);
const CONVERTERS = { 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' };
const resolver = createPluginResolver(REGISTRY);

const jdbc = (password: string, more: Record<string, string> = {}) => ({
  'connector.class': 'JdbcSourceConnector',
  'connection.url': 'jdbc:sqlite::memory:',
  'connection.password': password,
  mode: 'bulk',
  query: 'select 1',
  'topic.prefix': 'p',
  ...more,
});

describe('a secret', () => {
  it('is printed by nothing that holds it', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const password = new Password(secret);
        const lines: LogLine[] = [];
        const logger = createLineLogger({ level: () => 'trace', now: () => 0, write: (line) => lines.push(line) }, { password });
        logger.info('configured', { config: { password }, list: [password] });
        const printed = [
          String(password),
          `${password}`,
          JSON.stringify({ password }),
          inspect({ password }, { depth: 5, showHidden: true }),
          ...lines.map(jsonLine),
          traceOf(ConfigException.invalid('connection.password', parseType('connection.password', secret, 'PASSWORD'), 'too short')),
        ];

        for (const text of printed) expect(text).not.toContain(secret);
      }),
    );
  });

  it('stands in no answer of validation, whether it is written literally or by reference, valid or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        secrets,
        fc.boolean(),
        fc.constantFrom({}, { 'tasks.max': 'many' }, { mode: 'incrementing' }, { 'numeric.mapping': 'odd' }),
        async (secret, byReference, mistake) => {
          const providers = createConfigProviders(
            { 'config.providers': 'env', 'config.providers.env.class': 'EnvVarConfigProvider' },
            { defaults: true },
          );
          process.env.SECRET_UNDER_TEST = secret;
          const config = {
            name: 'x',
            ...jdbc(byReference ? '$'.concat('{env:SECRET_UNDER_TEST}') : secret, mistake as Record<string, string>),
          };

          const validation = await validateConnector({
            where: 'x',
            config,
            worker: CONVERTERS,
            resolver,
            providers,
            unknownKeys: 'refuse',
          });

          expect(validation.problems.map(formatProblem).join('\n')).not.toContain(secret);
          expect(JSON.stringify(validation.problems)).not.toContain(secret);
          // Connect's form gives literal values back as they were written (`password` is hidden there too); what came by reference never.
          if (byReference) expect(JSON.stringify(toConfigInfos('JdbcSourceConnector', validation))).not.toContain(secret);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is stored with no plan: task configurations keep the reference', async () => {
    await fc.assert(
      fc.asyncProperty(secrets, async (secret) => {
        process.env.SECRET_UNDER_TEST = secret;
        const providers = createConfigProviders({}, { defaults: true });
        const stores = createMemoryStores();
        const clock = new ManualClock();
        const deps: RuntimeDeps = {
          stores,
          kafka: () => Promise.reject(new Error('no Kafka here')),
          plugins: resolver,
          workerProps: CONVERTERS,
          resolveVariables: async (props) => (await resolveVariables(props, providers)).props,
          logger: SILENT,
          clock,
          random: () => 0.5,
          owner: 'test',
        };
        const reference = '$'.concat('{env:SECRET_UNDER_TEST}');
        await stores.configs.putConfig('x', {
          config: { name: 'x', ...jdbc(reference) },
          expectedVersion: 0,
          appliedHash: null,
          writer: 'test',
          nowMs: clock.now(),
        });
        const state = await stores.configs.connector('x');
        const stored = await stores.configs.config('x');
        if (state === null || stored === null) throw new Error('not stored');

        const loaded = await loadConnector(deps, stored);
        expect(loaded.resolved['connection.password']).toBe(secret);
        const planned = await planConnector(deps, loaded, state);
        const task = await stores.configs.taskConfig('x', planned.generation, 0);

        expect(task?.['connection.password']).toBe(reference);
        expect(JSON.stringify(task)).not.toContain(secret);
      }),
      { numRuns: 30 },
    );
  });
});
