import { expect, it } from 'vitest';
import { toConfigInfos } from '../../../lib/config/config-infos.ts';
import { validateConnector } from '../../../lib/config/validate-connector.ts';
import { createPluginResolver } from '../../../lib/plugins/plugin-resolver.ts';
import { REGISTRY } from '../../../lib/plugins/registry.generated.ts';

it("has the form of Connect's answer, as recorded for a source with six mistakes", async () => {
  const className = 'org.apache.kafka.connect.file.FileStreamSourceConnector';
  const validation = await validateConnector({
    where: '',
    config: {
      'connector.class': className,
      'tasks.max': 'none',
      file: 'in.txt',
      topic: '',
      name: 'v',
      'batch.size': 'x',
      'errors.tolerance': 'some',
      'errors.log.enable': 'maybe',
    },
    worker: {},
    resolver: createPluginResolver(REGISTRY),
    providers: new Map(),
    unknownKeys: 'warn',
  });
  const infos = toConfigInfos(className, validation);
  expect(infos).toMatchObject({
    name: className,
    error_count: 6,
    groups: ['Common', 'Transforms', 'Predicates', 'Error Handling', 'Topic Creation', 'Exactly Once Support', 'offsets.topic'],
  });
  expect(infos.configs.map(({ value }) => value.name)).toEqual([
    'name',
    'connector.class',
    'connector.plugin.version',
    'tasks.max',
    'tasks.max.enforce',
    'key.converter',
    'key.converter.plugin.version',
    'value.converter',
    'value.converter.plugin.version',
    'header.converter',
    'header.converter.plugin.version',
    'transforms',
    'predicates',
    'config.action.reload',
    'errors.retry.timeout',
    'errors.retry.delay.max.ms',
    'errors.tolerance',
    'errors.log.enable',
    'errors.log.include.messages',
    'topic.creation.groups',
    'exactly.once.support',
    'transaction.boundary',
    'transaction.boundary.interval.ms',
    'offsets.storage.topic',
    'file',
    'topic',
    'batch.size',
  ]);
  expect(infos.configs.find(({ value }) => value.name === 'tasks.max')?.value).toMatchObject({
    value: null,
    errors: [
      'Invalid value none for configuration tasks.max: Not a number of type INT',
      'Invalid value null for configuration tasks.max: Value must be non-null',
    ],
    visible: true,
  });
});
