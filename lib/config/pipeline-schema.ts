import type { ConfigDef, ConfigKey } from '../core/config/config-def.ts';
import { createPluginResolver } from '../plugins/plugin-resolver.ts';
import { LAMBDA_CONFIG_DEF } from './lambda-keys.ts';
import { INITIAL_STATES } from './pipeline-file.ts';
import { sinkConnectorConfigDef } from './sink-connector-config.ts';
import { sourceConnectorConfigDef } from './source-connector-config.ts';
import { workerConfigDef } from './worker-config.ts';

const TEXT = { type: 'string' } as const;
const VALUE = { type: ['string', 'number', 'boolean'] } as const;

/** The JSON Schema of a pipeline file, made of the definitions: what editors complete and check while a user types. */
export function pipelineSchema(): object {
  const resolver = createPluginResolver({ manifests: [] });
  const connectorKeys = [sourceConnectorConfigDef(resolver), sinkConnectorConfigDef(resolver), LAMBDA_CONFIG_DEF];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Serverless Connect pipeline',
    type: 'object',
    required: ['name', 'connectors'],
    additionalProperties: false,
    properties: {
      $schema: TEXT,
      name: { ...TEXT, pattern: '^[A-Za-z][A-Za-z0-9-]{0,99}$', description: 'Names the stack and the state table.' },
      worker: {
        type: 'object',
        description: 'How to reach Kafka, and defaults of the connectors.',
        ...keysOf([workerConfigDef(resolver)]),
      },
      connectors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'config'],
          additionalProperties: false,
          properties: {
            name: { ...TEXT, minLength: 1 },
            config: { type: 'object', required: ['connector.class'], ...keysOf(connectorKeys) },
            initial_state: { enum: INITIAL_STATES },
          },
        },
      },
      stack: {
        type: 'object',
        description: 'How the stack is built.',
        additionalProperties: false,
        properties: {
          vpc: { ...TEXT, description: 'Id of the VPC that the functions run in.' },
          subnets: { type: 'array', items: TEXT },
          securityGroups: { type: 'array', items: TEXT },
          cluster: { ...TEXT, description: 'ARN of the MSK cluster.' },
          alarmsTopic: { ...TEXT, description: 'ARN of the SNS topic that alarms go to.' },
          tags: { type: 'object', additionalProperties: TEXT },
          control: { type: 'boolean', default: true, description: 'Whether the stack has a REST API behind a function URL.' },
        },
      },
      'config.unknown.keys': { enum: ['refuse', 'allow'], default: 'refuse', description: 'Whether keys that nobody reads are mistakes.' },
    },
  };
}

function keysOf(defs: readonly ConfigDef[]): object {
  const keys = new Map(defs.flatMap((def) => [...def.keys]));
  const names = [...keys.keys()].sort();
  return {
    properties: Object.fromEntries(names.map((name) => [name, describeKey(keys.get(name) as ConfigKey)])),
    additionalProperties: VALUE,
  };
}

function describeKey(key: ConfigKey): object {
  const { defaultValue } = key;
  const text = Array.isArray(defaultValue) ? defaultValue.join(',') : defaultValue;
  const hasDefault = text !== undefined && text !== null && text !== '';
  return { ...VALUE, description: key.doc, ...(hasDefault ? { default: String(text) } : {}) };
}
