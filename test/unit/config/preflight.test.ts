import { describe, expect, it } from 'vitest';
import { preflightErrors } from '../../../lib/config/preflight.ts';
import { validateConnector } from '../../../lib/config/validate-connector.ts';
import type { Connector } from '../../../lib/core/connector.ts';
import type { ConnectorManifest } from '../../../lib/core/manifest.ts';
import type { SourceConnector } from '../../../lib/core/source.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';

type Answers = Pick<SourceConnector, 'exactlyOnceSupport' | 'canDefineTransactionBoundaries'>;
const messages = (answers: Answers, props: Record<string, string>, worker: Record<string, string> = {}) =>
  preflightErrors(answers as SourceConnector, props, worker).map(({ key, message }) => `${key}: ${message}`);

const REQUIRED = { 'exactly.once.support': 'REQUIRED' };
const BOUNDARY = { 'transaction.boundary': 'Connector' };

describe('the preflight check', () => {
  it('takes what can be kept', () => {
    expect(
      messages({ exactlyOnceSupport: () => 'SUPPORTED', canDefineTransactionBoundaries: () => 'SUPPORTED' }, { ...REQUIRED, ...BOUNDARY }),
    ).toEqual([]);
    expect(messages({}, { 'exactly.once.support': 'requested', 'transaction.boundary': 'poll' })).toEqual([]);
  });

  it.each([
    [
      { exactlyOnceSupport: () => 'UNSUPPORTED' as const },
      'The connector does not support exactly-once semantics with the provided configuration.',
    ],
    [
      {},
      'The connector does not implement the API required for preflight validation of exactly-once source support. Please consult the documentation for the connector to determine whether it supports exactly-once semantics, and then consider reconfiguring the connector to use the value "requested" for this property (which will disable this preflight check and allow the connector to be created).',
    ],
    [
      {
        exactlyOnceSupport: (): never => {
          throw new Error(' not today ');
        },
      },
      'An unexpected error occurred during validation: not today',
    ],
    [
      {
        exactlyOnceSupport: (): never => {
          throw new Error('');
        },
      },
      'An unexpected error occurred during validation; please see the worker logs for more details.',
    ],
  ])("refuses required in Connect's words %#", (answers, message) => {
    expect(messages(answers, REQUIRED)).toEqual([`exactly.once.support: ${message}`]);
  });

  it('refuses required where the worker says that it does not', () => {
    const supported = { exactlyOnceSupport: () => 'SUPPORTED' as const };
    for (const said of ['disabled', 'preparing']) {
      expect(messages(supported, REQUIRED, { 'exactly.once.source.support': said })).toEqual([
        'exactly.once.support: This worker does not have exactly-once source support enabled.',
      ]);
    }
    expect(messages(supported, REQUIRED, { 'exactly.once.source.support': 'enabled' })).toEqual([]);
  });

  it.each([
    [
      { canDefineTransactionBoundaries: () => 'UNSUPPORTED' as const },
      'The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.',
    ],
    [
      {},
      'The connector does not support connector-defined transaction boundaries with the given configuration. Please reconfigure it to use a different transaction boundary definition.',
    ],
    [
      { canDefineTransactionBoundaries: (() => null) as never },
      "This connector has returned a null value from its canDefineTransactionBoundaries method, which is not permitted. The connector will be treated as if it cannot define its own transaction boundaries, and cannot be configured with 'transaction.boundary' set to 'connector'.",
    ],
  ])("refuses transaction.boundary=connector in Connect's words %#", (answers, message) => {
    expect(messages(answers, BOUNDARY)).toEqual([`transaction.boundary: ${message}`]);
  });

  it('stands at the key in the answer of validation', async () => {
    const { problems, values } = await validateConnector({
      where: '',
      config: { name: 'c', 'connector.class': 'FileStreamSource', topic: 'a', ...REQUIRED, ...BOUNDARY },
      worker: { 'key.converter': 'StringConverter', 'value.converter': 'StringConverter' },
      resolver: createPluginResolver(REGISTRY),
      providers: new Map(),
      unknownKeys: 'refuse',
      loadConnector: async (manifest: ConnectorManifest) => new (await manifest.load())() as Connector,
    });
    expect(problems.map(({ key }) => key)).toEqual(['exactly.once.support', 'transaction.boundary']);
    expect(values.find(({ name }) => name === 'exactly.once.support')?.errorMessages).toEqual([
      'The connector does not support exactly-once semantics with the provided configuration.',
    ]);
  });
});
